import { compareOids } from './oid.ts';
import {
  SnmpClosed,
  SnmpErrorStatus,
  SnmpTimeout,
  type SnmpSession,
  type SnmpVersion,
  type Varbind,
} from './session.ts';

/** What sets one agent in memory apart from another. */
export interface MemoryAgentOptions {
  readonly version?: SnmpVersion;
  /** Answers with tooBig (GET, GETNEXT) or a shorter list (GETBULK) beyond this many varbinds. */
  readonly maxVarbinds?: number;
  /** Stays silent on GETBULK, as some agents do. */
  readonly chokesOnBulk?: boolean;
  /** Answers tooBig on a GETBULK that asks for more than `maxVarbinds`, instead of giving a shorter list. */
  readonly refusesLargeBulk?: boolean;
}

/** An agent in memory: the twin of `NetSnmpSession` for tests. Objects may be changed between requests. */
export class MemorySession implements SnmpSession {
  readonly version: SnmpVersion;
  /** How many requests it has had. */
  requests = 0;
  /** When true, no request is answered any more. */
  silent = false;
  readonly #options: MemoryAgentOptions;
  readonly #objects = new Map<string, Omit<Varbind, 'oid'>>();
  #order: string[] | undefined;
  #closed = false;

  constructor(objects: Iterable<Varbind> = [], options: MemoryAgentOptions = {}) {
    this.#options = options;
    this.version = options.version ?? '2c';
    for (const varbind of objects) this.set(varbind);
  }

  /** Gives an object a value. */
  set({ oid, type, value }: Varbind): void {
    if (!this.#objects.has(oid)) this.#order = undefined;
    this.#objects.set(oid, { type, value });
  }

  /** Takes an object away. */
  delete(oid: string): void {
    if (this.#objects.delete(oid)) this.#order = undefined;
  }

  async get(oids: readonly string[]): Promise<Varbind[]> {
    await this.#arrive(oids.length);
    return oids.map((oid, position) => {
      const object = this.#objects.get(oid);
      if (object !== undefined) return { oid, ...object };
      if (this.version === '1') throw new SnmpErrorStatus('no_such_name', position + 1);
      return { oid, type: 'no_such_instance', value: null };
    });
  }

  async getNext(oids: readonly string[]): Promise<Varbind[]> {
    await this.#arrive(oids.length);
    return oids.map((oid, position) => {
      const next = this.#following(oid);
      if (next.type === 'end_of_mib_view' && this.version === '1') {
        throw new SnmpErrorStatus('no_such_name', position + 1);
      }
      return next;
    });
  }

  async getBulk(oids: readonly string[], nonRepeaters: number, maxRepetitions: number): Promise<Varbind[]> {
    const { maxVarbinds = Infinity, chokesOnBulk = false, refusesLargeBulk = false } = this.#options;
    await this.#arrive(0);
    if (chokesOnBulk || this.version === '1') throw new SnmpTimeout('no answer');
    const varbinds = oids.slice(0, nonRepeaters).map((oid) => this.#following(oid));
    const cursors = oids.slice(nonRepeaters);
    if (refusesLargeBulk && nonRepeaters + cursors.length * maxRepetitions > maxVarbinds) {
      throw new SnmpErrorStatus('too_big', 0);
    }
    for (let repetition = 0; repetition < maxRepetitions; repetition += 1) {
      for (const [position, oid] of cursors.entries()) {
        const next = this.#following(oid);
        cursors[position] = next.oid;
        varbinds.push(next);
      }
    }
    return varbinds.slice(0, maxVarbinds);
  }

  close(): void {
    this.#closed = true;
  }

  /** A request takes a turn of the event loop, as on a network. */
  async #arrive(varbinds: number): Promise<void> {
    this.requests += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#closed) throw new SnmpClosed('the session was closed');
    if (this.silent) throw new SnmpTimeout('no answer');
    if (varbinds > (this.#options.maxVarbinds ?? Infinity)) throw new SnmpErrorStatus('too_big', 0);
  }

  #following(oid: string): Varbind {
    this.#order ??= [...this.#objects.keys()].sort(compareOids);
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareOids(this.#order[middle]!, oid) <= 0) low = middle + 1;
      else high = middle;
    }
    const next = this.#order[low];
    const object = next === undefined ? undefined : this.#objects.get(next);
    return next === undefined || object === undefined
      ? { oid, type: 'end_of_mib_view', value: null }
      : { oid: next, ...object };
  }
}
