import { ALL_KEPT, type Wire } from '@guaita/bus';
import { channels, type FoundService } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { hearRetained, pause, type Clock, type Timer, type Turn } from '@guaita/service';
import type { Logger } from 'pino';
import { keyOf } from './services/union.ts';

export interface OtherHostsOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Logger;
  readonly monitor: Id;
  readonly turn: Turn;
  /** Takes all services of the other hosts that are there, in place of those before. */
  readonly onServices: (services: readonly FoundService[]) => void;
  /** Told when the audience can be told of them all, and when that is over. */
  readonly onTurn: (speaks: boolean) => void;
}

const LOOK_ms = 5_000;
/**
 * After so many looks without a sign of it a host's services are gone: a minute, in which a publisher that is updated is
 * back. Looks are counted, and not time, since one that is cut off itself learns nothing of the others.
 */
const LOOKS_PATIENCE = 12;
/** What is said in a burst is told at once. */
const GATHER_ms = 50;
/** What could not be heard is asked for again. */
const AGAIN_ms = 2_000;

/**
 * What the publishers of the other hosts on this broker have by their own sources, for as long as they are there. Whose turn
 * it is tells the audience of it: so the turn begins here once all of it has been heard.
 */
export class OtherHosts {
  readonly #options: OtherHostsOptions;
  /** How many looks ago each monitor was there. Of those that counts what they have. */
  readonly #absence = new Map<Id, number>();
  /** Of each monitor, by key. */
  readonly #services = new Map<Id, Map<string, FoundService>>();
  #releases: (() => void)[] = [];
  #looking: Timer | undefined;
  #gathering: Timer | undefined;
  #speaks = false;
  /** The turn that goes on, on one connection. */
  #turn: AbortController | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: OtherHostsOptions) {
    this.#options = options;
  }

  /** Whether it is our turn, and all is known that is to be told. */
  get speaks(): boolean {
    return this.#speaks && this.#options.turn.speaks;
  }

  start(): void {
    const { turn, wire } = this.#options;
    const judge = (): void => (turn.speaks && wire.bus.connected ? this.#begin() : this.#end());
    this.#releases.push(turn.onChange(judge), wire.bus.onConnection(judge));
    judge();
    this.#lookLater();
  }

  async stop(): Promise<void> {
    for (const release of this.#releases.splice(0)) release();
    this.#looking?.cancel();
    this.#gathering?.cancel();
    this.#end();
    await this.#working;
  }

  /** Whether such a service was announced at another host whose publisher is there now. To be asked while it speaks. */
  announces(key: string): boolean {
    const there = this.#options.turn.monitors;
    return [...this.#services].some(
      ([monitor, services]) => there.has(monitor) && services.get(key)?.source === 'announcements',
    );
  }

  #begin(): void {
    if (this.#turn !== undefined) return;
    this.#look();
    this.#turn = new AbortController();
    const { signal } = this.#turn;
    // Once the turn before has been given up as a whole.
    this.#working = this.#working.then(() => this.#hearThem(signal));
  }

  #end(): void {
    this.#turn?.abort();
    this.#turn = undefined;
    if (!this.#speaks) return;
    this.#speaks = false;
    this.#options.onTurn(false);
  }

  #lookLater(): void {
    this.#looking = this.#options.clock.after(LOOK_ms, () => {
      this.#look();
      this.#lookLater();
    });
  }

  #look(): void {
    const { turn, monitor: self } = this.#options;
    const there = turn.monitors;
    // Who does not see itself sees nobody.
    if (!there.has(self)) return;
    for (const [monitor, looks] of this.#absence) {
      if (looks < LOOKS_PATIENCE) this.#absence.set(monitor, looks + 1);
      else this.#absence.delete(monitor);
    }
    for (const monitor of there) this.#absence.set(monitor, 0);
    if (this.#speaks) this.#tell();
  }

  async #hearThem(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#hearUntil(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'what other hosts have cannot be heard yet; nothing is told on MQTT before it is');
        await pause(clock, AGAIN_ms, signal);
      }
    }
  }

  /** Hears what the broker keeps, and then what comes, until our turn is over. */
  async #hearUntil(signal: AbortSignal): Promise<void> {
    const { wire, clock, monitor, log, onTurn } = this.#options;
    this.#services.clear();
    const ends: (() => Promise<void>)[] = [];
    try {
      // What is lost of it is heard anew: it is our turn for as long as the connection holds.
      ends.push(
        await wire.hear(
          channels.hostService,
          {},
          ({ parameters, value, message }) => this.#take(parameters, value, message.retain),
          ALL_KEPT,
        ),
      );
      // Whose services stand was there a minute ago for whoever spoke before us.
      const unhear = await wire.hear(channels.foundService, {}, ({ value }) => this.#stands(value), ALL_KEPT);
      ends.push(unhear);
      const mark = { monitor, name: 'other-hosts' };
      const heard = await hearRetained({ wire, clock, mark, filters: [], receive: () => undefined }, signal);
      if (heard === 'abandoned') return;
      if (heard === 'late') log.warn('the broker did not say all that it keeps in time; going on with what was heard');
      await unhear();
      if (signal.aborted) return;
      this.#speaks = true;
      this.#tell();
      onTurn(true);
      await aborted(signal);
    } finally {
      for (const end of ends) await end();
    }
  }

  #stands(service: FoundService | undefined): void {
    if (service === undefined || service.source === 'serf' || this.#absence.has(service.node)) return;
    this.#absence.set(service.node, 0);
  }

  #take(
    { monitor, type, name }: { readonly monitor: Id; readonly type: Id; readonly name: Id },
    service: FoundService | undefined,
    isKept: boolean,
  ): void {
    if (monitor === this.#options.monitor) return;
    const services = this.#services.get(monitor) ?? new Map<string, FoundService>();
    this.#services.set(monitor, services);
    const key = keyOf({ type, name });
    if (service === undefined) services.delete(key);
    else services.set(key, { ...service, type, name, node: monitor });
    // Who says something now is there.
    if (!isKept) this.#absence.set(monitor, 0);
    if (this.#speaks) this.#gathering ??= this.#options.clock.after(GATHER_ms, () => this.#tell());
  }

  #tell(): void {
    this.#gathering?.cancel();
    this.#gathering = undefined;
    const services = [...this.#services].flatMap(([monitor, each]) =>
      this.#absence.has(monitor) ? [...each.values()] : [],
    );
    this.#options.onServices(services);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
