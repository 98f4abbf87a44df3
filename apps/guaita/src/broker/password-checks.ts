import { setTimeout as pause } from 'node:timers/promises';

/** Who wants a password checked. */
export interface Asker {
  /** Where it connects from. */
  readonly address: string;
  /** Tells whether it has hung up meanwhile. */
  readonly gone: () => boolean;
}

/** The services of one host that all come back at once, twice over. A Raspberry Pi checks one or two a second. */
const WAITING_MAX = 32;

/** After a wrong password, before the next one of that address is looked at. */
const WRONG_PAUSE_ms = 1_000;

/** Too many passwords of one address wait: who is refused so may come again. */
export class TooManyChecks extends Error {
  override readonly name = 'TooManyChecks';
  /** By this Aedes tells the client that the server is unavailable, rather than that it is not authorized. */
  readonly returnCode = 3;
}

/**
 * The order in which passwords are checked: one at a time, since each takes long and much memory, and one of each
 * address in turn, so that somebody who tries many keeps nobody else waiting.
 */
export class PasswordChecks {
  readonly #pause_ms: number;
  /** For each address how many wait, and when the last of them is done. */
  readonly #lanes = new Map<string, { waiting: number; last: Promise<void> }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(pause_ms: number = WRONG_PAUSE_ms) {
    this.#pause_ms = pause_ms;
  }

  /**
   * @returns whether the password was right; false for who has hung up meanwhile.
   * @throws {TooManyChecks} when too many of this address wait.
   */
  async check({ address, gone }: Asker, verify: () => Promise<boolean>): Promise<boolean> {
    const lane = this.#lanes.get(address) ?? { waiting: 0, last: Promise.resolve() };
    if (lane.waiting >= WAITING_MAX) throw new TooManyChecks(`${lane.waiting} passwords from ${address} wait already`);
    this.#lanes.set(address, lane);
    lane.waiting += 1;
    const checked = lane.last.then(async () => (gone() ? undefined : this.#inTurn(verify)));
    lane.last = checked.then(
      async (right) => {
        if (right === false) await pause(this.#pause_ms, undefined, { ref: false });
        this.#leave(address);
      },
      () => this.#leave(address),
    );
    return (await checked) ?? false;
  }

  async #inTurn(verify: () => Promise<boolean>): Promise<boolean> {
    const verified = this.#turn.then(verify);
    this.#turn = verified.catch(() => {});
    return verified;
  }

  #leave(address: string): void {
    const lane = this.#lanes.get(address);
    if (lane === undefined) return;
    lane.waiting -= 1;
    if (lane.waiting === 0) this.#lanes.delete(address);
  }
}
