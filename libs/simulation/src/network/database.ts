import type { LinkMessage } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Agenda } from '../engine/agenda.ts';
import { between, type Random } from '../engine/random.ts';

/** What a register holds. Newer is what was written later. */
export interface Register {
  readonly message: LinkMessage;
  readonly written: number;
}

/** What one read gives: all registers of one moment. */
export interface Reading {
  /** The sentinel was in it. Without it nothing in the answer may be believed, least of all what is missing. */
  readonly sentinel: boolean;
  readonly registers: ReadonlyMap<string, Register>;
}

/** Replication between data centres took 1.6 to 2.6 s with the stock timers. */
const REPLICATION_ms = [1600, 2600] as const;

/** A crash without `sync_log` loses what was written so shortly before, though it was acknowledged. */
const UNSYNCED_ms = 10_000;

interface Write {
  readonly origin: Id;
  readonly key: string;
  readonly register: Register;
  readonly at_ms: number;
}

/** One site's data centre: registers in which the last write wins. */
export class DataCentre {
  readonly site: Id;
  up = true;
  /** It answers reads with success and nothing: it starts, or its clock was set back. */
  empty = false;
  #registers = new Map<string, Register>();
  #stale: ReadonlyMap<string, Register> | undefined;
  #recent: Write[] = [];

  constructor(site: Id) {
    this.site = site;
  }

  read(): Reading {
    if (this.empty) return { sentinel: false, registers: new Map() };
    return { sentinel: true, registers: this.#stale ?? this.#registers };
  }

  /** A register is written here, or replicated to here. */
  accept(write: Write): void {
    const { key, register, origin } = write;
    if ((this.#registers.get(key)?.written ?? -1) >= register.written) return;
    this.#registers.set(key, register);
    if (origin === this.site) this.#recent.push(write);
  }

  /** From now on reads answer with what stands here now, until `fresh`. */
  stale(): void {
    this.#stale = new Map(this.#registers);
  }

  fresh(): void {
    this.#stale = undefined;
  }

  /**
   * Killed right after it acknowledged writes of its own clients: they are gone here. What came from other sites it
   * fetches again from their logs.
   */
  loseRecent(now_ms: number): void {
    for (const { key, register, at_ms } of this.#recent) {
      if (now_ms - at_ms < UNSYNCED_ms && this.#registers.get(key) === register) this.#registers.delete(key);
    }
    this.#recent = [];
  }
}

/** All data centres, and the replication between them: late, in order, and never given up. */
export class Database {
  readonly centres = new Map<Id, DataCentre>();
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #cuts = new Map<string, number>();
  readonly #waiting = new Map<string, Write[]>();
  #writes = 0;

  constructor(agenda: Agenda, random: Random, sites: Iterable<Id>) {
    this.#agenda = agenda;
    this.#random = random;
    for (const site of sites) this.centres.set(site, new DataCentre(site));
  }

  centre(site: Id): DataCentre {
    const centre = this.centres.get(site);
    if (centre === undefined) throw new Error(`there is no data centre at ${site}`);
    return centre;
  }

  /** @returns the mark of the write, by which its writer knows it again */
  write(site: Id, key: string, message: LinkMessage): number {
    const written = ++this.#writes;
    const write: Write = { origin: site, key, register: { message, written }, at_ms: this.#agenda.now_ms };
    this.centre(site).accept(write);
    for (const other of this.centres.keys()) if (other !== site) this.#replicate(site, other, write);
    return written;
  }

  cut(from: Id, to: Id): void {
    this.#cuts.set(`${from}>${to}`, (this.#cuts.get(`${from}>${to}`) ?? 0) + 1);
  }

  heal(from: Id, to: Id): void {
    const way = `${from}>${to}`;
    this.#cuts.set(way, (this.#cuts.get(way) ?? 0) - 1);
    const waiting = this.#waiting.get(way) ?? [];
    if ((this.#cuts.get(way) ?? 0) > 0) return;
    this.#waiting.delete(way);
    for (const write of waiting) this.#replicate(from, to, write);
  }

  /** Whether what is written at one site is replicated to another. */
  reaches(from: Id, to: Id): boolean {
    return from === to || (this.#cuts.get(`${from}>${to}`) ?? 0) === 0;
  }

  #replicate(from: Id, to: Id, write: Write): void {
    this.#agenda.after(between(this.#random, ...REPLICATION_ms), () => {
      const way = `${from}>${to}`;
      if (this.reaches(from, to)) this.centre(to).accept(write);
      else this.#waiting.set(way, [...(this.#waiting.get(way) ?? []), write]);
    });
  }
}
