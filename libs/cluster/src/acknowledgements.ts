import type { Header, Id, Seen } from '@guaita/model';
import type { Peers } from './peers.ts';

/** Who speaks for so long, each time with a later beat, is no message that was late. */
const SPEAKS_ON_ms = 5_000;

interface Unheard extends Pick<Header, 'host_key' | 'incarnation' | 'beat'> {
  readonly since_ms: number;
}

/**
 * What our header tells of others' claims: how far they are complete here. Only those are told who can do something
 * with it: who leaves a device waits for it, and who is not heard must learn what is known of it. Among 60 idle monitors
 * it would be nine tenths of each header, and reading 60 of them a second most of what a monitor does.
 */
export class Acknowledgements {
  readonly #peers: Peers;
  /** How far each other monitor was ever complete here: what was seen stays seen. */
  readonly #complete = new Map<Id, Seen>();
  /** The least incarnation that a monitor must take which speaks under one that another run of it used. */
  readonly #contradicted = new Map<Id, number>();
  /** Monitors that speak and are not heard, since more is known of another run of theirs. */
  readonly #unheard = new Map<Id, Unheard>();
  readonly #told = new Map<Id, Seen>();
  #header: Header['seen'] | undefined;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  /** As the header tells it. The object changes when something in it does, and only then. */
  get header(): Header['seen'] {
    return (this.#header ??= Object.fromEntries(this.#told));
  }

  /** Another run of a monitor used this incarnation: that we say we have seen a later one makes it take one above. */
  contradict(monitor: Id, incarnation: number): void {
    this.#contradicted.set(monitor, incarnation + 1);
    this.#tell(monitor);
  }

  /**
   * A host speaks in the name of a monitor of which more is known: a later run, or a later beat. It does not know that
   * itself.
   *
   * @returns whether it goes on for so long that it lives, under the incarnation that is known: what is known of that
   *   was made up, or was said by another run.
   */
  unheard(monitor: Id, { host_key, incarnation, beat }: Header, now_ms: number): boolean {
    const before = this.#unheard.get(monitor);
    const isSame = before?.host_key === host_key && before.incarnation === incarnation;
    if (isSame && beat <= before.beat) return false;
    const since_ms = isSame ? before.since_ms : now_ms;
    this.#unheard.set(monitor, { host_key, incarnation, beat, since_ms });
    this.#tell(monitor);
    const known = this.#peers.get(monitor)?.header?.incarnation;
    return known === incarnation && now_ms >= since_ms + SPEAKS_ON_ms;
  }

  /** Takes note of what is known of a peer. Gives true when there is news that it may wait for. */
  note(monitor: Id): boolean {
    const record = this.#peers.get(monitor);
    const header = record?.header;
    if (header === undefined) {
      for (const known of [this.#complete, this.#contradicted, this.#unheard]) known.delete(monitor);
      return this.#tell(monitor);
    }
    const { incarnation, host_key: hostKey, claims } = header;
    if (incarnation >= (this.#contradicted.get(monitor) ?? Infinity)) this.#contradicted.delete(monitor);
    if (hostKey === this.#unheard.get(monitor)?.host_key) this.#unheard.delete(monitor);
    const before = this.#complete.get(monitor);
    const known = before?.incarnation === incarnation ? before.version : 0;
    const version = record?.complete === true ? Math.max(known, claims.version) : known;
    if (before?.incarnation !== incarnation || before.version !== version)
      this.#complete.set(monitor, { incarnation, version });
    return this.#tell(monitor);
  }

  /** Brings up to date what is told of a monitor. Gives true when more is told than before. */
  #tell(monitor: Id): boolean {
    const before = this.#told.get(monitor);
    const after = this.#due(monitor);
    if (after === before) return false;
    if (after === undefined) this.#told.delete(monitor);
    else this.#told.set(monitor, after);
    this.#header = undefined;
    return after !== undefined;
  }

  #due(monitor: Id): Seen | undefined {
    const contradicted = this.#contradicted.get(monitor);
    if (contradicted !== undefined) return { incarnation: contradicted, version: 0 };
    const leaves = (this.#peers.get(monitor)?.count.leaving ?? 0) > 0;
    return leaves || this.#unheard.has(monitor) ? this.#complete.get(monitor) : undefined;
  }
}
