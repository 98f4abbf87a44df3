import type { HeaderMessage, LinkMessage } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Agenda, Appointment } from '../engine/agenda.ts';
import { between, type Random } from '../engine/random.ts';
import type { DataCentre, Database, Reading } from './database.ts';
import type { HostLink, LinkEnd } from './host-link.ts';

/** How often a monitor reads what has moved. */
export const POLL_ms = 5000;

/** What changes within this goes out together. */
export const BATCH_ms = 1000;

/** A header of which only the beat has moved is written this often. */
export const BEAT_ms = 60_000;

/** The longest that something said takes to be heard: batch, replication, poll, and the requests' own times. */
export const DATABASE_DELAY_ms = BATCH_ms + 2600 + 1.1 * POLL_ms + 200;

/** What makes one header different from another, but for its beat. */
function essence({ header }: HeaderMessage): string {
  return JSON.stringify({ ...header, beat: 0, probe_age_s: 0 });
}

/** One monitor's link over the registers of its site's data centre. */
export class DatabaseLink implements HostLink {
  readonly name = 'database';
  readonly #monitor: Id;
  readonly #database: Database;
  readonly #centre: DataCentre;
  readonly #end: LinkEnd;
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #believesEmptyAnswers: boolean;
  /** What was said last, by key, and the mark of its last write. */
  readonly #said = new Map<string, { message: LinkMessage; written: number | undefined }>();
  readonly #writes = new Set<number>();
  readonly #pending = new Set<string>();
  #headerWritten: { essence: string; at_ms: number } | undefined;
  /** The marks of what has been read. */
  readonly #read = new Map<string, number>();
  readonly #heard = new Map<string, LinkMessage>();
  /** Registers seen since the connection stands: only what moves after that tells life. */
  readonly #current = new Set<string>();
  #connected = false;
  #ended = false;
  #timers: Appointment[] = [];
  /** The host's way to its data centre is cut. */
  blocked = false;

  constructor(options: {
    monitor: Id;
    site: Id;
    database: Database;
    end: LinkEnd;
    agenda: Agenda;
    random: Random;
    believesEmptyAnswers: boolean;
  }) {
    this.#monitor = options.monitor;
    this.#database = options.database;
    this.#centre = options.database.centre(options.site);
    this.#end = options.end;
    this.#agenda = options.agenda;
    this.#random = options.random;
    this.#believesEmptyAnswers = options.believesEmptyAnswers;
  }

  get connected(): boolean {
    return this.#connected;
  }

  start(): void {
    this.#repeat(BATCH_ms, () => this.#write());
    this.#repeat(POLL_ms, () => this.#poll());
  }

  say(message: LinkMessage): void {
    if (message.kind === 'wants') {
      // The registers keep everything: who misses something reads it again.
      const kept = [`${message.peer}/claims/`, `${message.peer}/intents/`];
      for (const key of [...this.#read.keys()]) if (kept.some((start) => key.startsWith(start))) this.#read.delete(key);
      return;
    }
    const key = keyOf(message);
    this.#said.set(key, { message, written: this.#said.get(key)?.written });
    this.#pending.add(key);
  }

  leave(): void {
    this.die();
  }

  die(): void {
    this.#ended = true;
    for (const timer of this.#timers) timer.cancelled = true;
  }

  #repeat(every_ms: number, happen: () => void): void {
    const next = (delay_ms: number): void => {
      this.#timers = this.#timers.filter(({ at_ms }) => at_ms > this.#agenda.now_ms);
      this.#timers.push(
        this.#agenda.after(delay_ms, () => {
          if (this.#ended) return;
          happen();
          next(between(this.#random, 0.9, 1.1) * every_ms);
        }),
      );
    };
    next(between(this.#random, 0, every_ms));
  }

  #write(): void {
    if (!this.#connected || !this.#reachable()) return;
    for (const key of this.#pending) {
      const said = this.#said.get(key);
      if (said === undefined || !this.#due(said.message)) continue;
      this.#pending.delete(key);
      said.written = this.#database.write(this.#centre.site, key, said.message);
      this.#writes.add(said.written);
    }
  }

  #due(message: LinkMessage): boolean {
    if (message.kind !== 'header') return true;
    const now = essence(message);
    const last = this.#headerWritten;
    if (last !== undefined && last.essence === now && this.#agenda.now_ms - last.at_ms < BEAT_ms) return false;
    this.#headerWritten = { essence: now, at_ms: this.#agenda.now_ms };
    return true;
  }

  #reachable(): boolean {
    return this.#centre.up && !this.blocked;
  }

  #poll(): void {
    const reading = this.#reachable() ? this.#centre.read() : undefined;
    if (reading?.sentinel === false && this.#believesEmptyAnswers) this.#obeyEmptiness();
    if (reading === undefined || !reading.sentinel) {
      if (this.#connected) this.#end.connected(this.name, false);
      this.#connected = false;
      this.#current.clear();
      return;
    }
    if (!this.#connected) {
      this.#connected = true;
      this.#headerWritten = undefined;
      this.#end.connected(this.name, true);
      for (const key of this.#said.keys()) this.#pending.add(key);
    }
    this.#repair(reading);
    for (const [key, { message, written }] of reading.registers) {
      const known = this.#current.has(key);
      this.#current.add(key);
      const before = this.#read.get(key);
      if (before !== undefined && before >= written) continue;
      this.#read.set(key, written);
      if (this.#believesEmptyAnswers) this.#heard.set(key, message);
      // What this very run wrote is no news to it; what a former self wrote is.
      if (message.monitor === this.#monitor && this.#writes.has(written)) continue;
      this.#end.heard(this.name, message, !known);
    }
  }

  /** The planted bug: what is not in the answer is taken for withdrawn. */
  #obeyEmptiness(): void {
    for (const key of this.#read.keys()) {
      const message = this.#heard.get(key);
      if (message?.kind === 'bucket') {
        const { content } = message;
        this.#end.heard(
          this.name,
          { ...message, content: { ...content, version: content.version + 1, claims: {} } },
          false,
        );
      }
      if (message?.kind === 'intents') {
        const intents = Array.from(message.intents, (intent) => ({
          ...intent,
          wanted: false,
          stamp: { ...intent.stamp, counter: intent.stamp.counter + 1 },
        }));
        this.#end.heard(this.name, { ...message, intents }, false);
      }
    }
  }

  /** A write that was acknowledged and is not there any more is done again. */
  #repair({ registers }: Reading): void {
    for (const [key, { written }] of this.#said) {
      if (written !== undefined && (registers.get(key)?.written ?? -1) < written) {
        this.#pending.add(key);
        if (key.endsWith('/header')) this.#headerWritten = undefined;
      }
    }
  }
}

function keyOf(message: LinkMessage): string {
  switch (message.kind) {
    case 'bucket':
      return `${message.monitor}/claims/${message.bucket}`;
    case 'intents':
      return `${message.monitor}/intents/${message.bucket}`;
    case 'header':
    case 'offline':
    case 'life':
    case 'wants':
      return `${message.monitor}/header`;
  }
}
