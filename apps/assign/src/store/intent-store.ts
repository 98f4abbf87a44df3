import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@guaita/cluster';
import { bucketLevel, bucketOf, IntentBucket, packIntents, unpackIntents } from '@guaita/messages';
import { Timestamp, type Intent } from '@guaita/model';
import { readIfThere, replaceDurably, type Clock, type Timer } from '@guaita/service';
import { z } from 'zod';

/** Changes within this time are written together: each write wears an SD card. */
const GATHER_ms = 1_000;
/** Often enough to tell whether a monitor was away for 30 days. */
const ALIVE_EVERY_ms = 6 * 3_600_000;
const RETRY_ms = 30_000;

const Alive = z.object({
  at: Timestamp,
  alone: z.boolean().describe('no other monitor has ever been heard of'),
});
type Alive = z.infer<typeof Alive>;

/** What was found on disk. */
export interface KeptIntents {
  readonly intents: Iterable<Intent>;
  /** Until when this monitor was there, by the wall clock; `undefined` when it is not known. */
  readonly written_ms: number | undefined;
  /** It has never heard of another monitor: nobody else has a copy, and nobody is to be waited for. */
  readonly alone: boolean;
}

export interface IntentStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Told what goes wrong with the disk, and, `undefined`, that all is written. */
  readonly onState: (trouble: string | undefined) => void;
  readonly warn: (problem: string) => void;
}

/** The folder of what operators entered cannot be read. Taken for empty, what it holds would be written over. */
export class UnreadableStoreError extends Error {
  override readonly name = 'UnreadableStoreError';

  constructor(folder: string, cause: Error) {
    super(
      `what operators entered is in ${folder}, which cannot be read (${cause.message}): mend the disk or its permissions, ` +
        'or move it away to begin with nothing, and start again; nothing in it was changed',
      { cause },
    );
  }
}

/**
 * All that operators intend, on disk, a file for each bucket: written when it changes, a second's changes together, as a
 * whole; and until when this monitor was there, since one that was away for longer than others keep tombstones has to
 * drop its copy.
 */
export class IntentStore {
  readonly #options: IntentStoreOptions;
  readonly #waiting = new Map<number, Iterable<Intent>>();
  #alone = true;
  /** When it was last said that this monitor is there. */
  #at_ms = -Infinity;
  #aliveDue = false;
  #aliveTimer: Timer | undefined;
  #timer: Timer | undefined;
  /** Why a bucket's file could not be read. */
  readonly #unread = new Map<number, string>();
  #writing: Promise<void> | undefined;
  #closed = false;
  #trouble: string | undefined;

  constructor(options: IntentStoreOptions) {
    this.#options = options;
  }

  /**
   * Reads what is kept, and notes from now on that this monitor is not away.
   *
   * @throws {UnreadableStoreError} when the folder is there and cannot be read; nothing is changed then.
   */
  async open(): Promise<KeptIntents> {
    const alive = this.#readAlive();
    const names = await this.#list();
    this.#alone = alive?.alone ?? names === undefined;
    const intents = await this.#readAll(names ?? []);
    const written_ms = alive === undefined ? undefined : Date.parse(alive.at);
    this.#at_ms = written_ms ?? -Infinity;
    this.#sayAlive();
    await this.flush();
    return { intents, written_ms, alone: this.#alone };
  }

  /** Keeps these as all of their bucket. */
  keep(bucket: number, intents: Iterable<Intent>): void {
    if (this.#closed) return;
    this.#waiting.set(bucket, intents);
    this.#timer ??= this.#options.clock.after(GATHER_ms, () => void this.flush());
  }

  /** Another monitor was heard of: our copy is not the only one. */
  heardOfOthers(): void {
    if (!this.#alone) return;
    this.#alone = false;
    this.#aliveDue = true;
    this.#timer ??= this.#options.clock.after(GATHER_ms, () => void this.flush());
  }

  /** Why what was kept is not on disk; `undefined` when nothing went wrong. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when all that was kept before is on disk, or has failed to get there, which is reported and tried again. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#writing !== undefined) await this.#writing;
    if ([...this.#waiting.keys()].every((bucket) => this.#unread.has(bucket)) && !this.#aliveDue) return;
    this.#writing = this.#write();
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#aliveTimer?.cancel();
    this.#aliveDue = true;
    await this.flush();
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #write(): Promise<void> {
    const { folder, clock, onState } = this.#options;
    try {
      if (this.#aliveDue) {
        // A host without a clock of its own begins in the past, and would seem to have been away since then.
        this.#at_ms = Math.max(this.#at_ms, clock.now_ms());
        const alive: Alive = { at: new Date(this.#at_ms).toISOString(), alone: this.#alone };
        await replaceDurably(this.#aliveFile, JSON.stringify(alive));
        this.#aliveDue = false;
      }
      for (const [bucket, intents] of this.#waiting) {
        const file = join(folder, `${bucketLevel(bucket)}.json`);
        // What stands there may be known to nobody else.
        if (this.#unread.has(bucket)) continue;
        const packed = packIntents(intents, digestOf(intents));
        if (isEmpty(packed)) await rm(file, { force: true });
        else await replaceDurably(file, JSON.stringify(packed));
        if (this.#waiting.get(bucket) === intents) this.#waiting.delete(bucket);
      }
      [this.#trouble] = this.#unread.values();
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      this.#trouble = `what operators entered cannot be written to ${folder}: ${cause}; make room there, or mend the disk`;
      if (!this.#closed) this.#timer ??= clock.after(RETRY_ms, () => void this.flush());
    } finally {
      this.#writing = undefined;
    }
    onState(this.#trouble);
  }

  get #aliveFile(): string {
    return join(this.#options.folder, 'alive.json');
  }

  #sayAlive(): void {
    this.#aliveDue = true;
    this.#aliveTimer = this.#options.clock.after(ALIVE_EVERY_ms, () => {
      this.#sayAlive();
      void this.flush();
    });
  }

  #readAlive(): Alive | undefined {
    try {
      return Alive.parse(JSON.parse(readIfThere(this.#aliveFile) ?? 'null'));
    } catch {
      // Never written, or damaged: then nothing says that this monitor was away.
      return undefined;
    }
  }

  /** What is in the folder; `undefined` when there is none yet. */
  async #list(): Promise<string[] | undefined> {
    const { folder } = this.#options;
    try {
      return await readdir(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new UnreadableStoreError(folder, cause as Error);
    }
  }

  async #readAll(names: readonly string[]): Promise<Iterable<Intent>> {
    const { folder, warn } = this.#options;
    const buckets: IntentBucket[] = [];
    for (const name of names) {
      const bucket = name.endsWith('.json') ? bucketOf(name.slice(0, -'.json'.length)) : undefined;
      if (bucket === undefined) continue;
      const file = join(folder, name);
      const text = this.#read(bucket, file);
      if (text === undefined) continue;
      try {
        buckets.push(IntentBucket.parse(JSON.parse(text)));
      } catch (error) {
        await rename(file, `${file}.bad`);
        const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
        warn(`${file} was damaged (${cause}) and is set aside as ${name}.bad: other monitors say it again`);
      }
    }
    return {
      *[Symbol.iterator]() {
        for (const bucket of buckets) yield* unpackIntents(bucket);
      },
    };
  }

  /** A file that cannot be read now may be read at the next start: it stays as it is, and nothing takes its place. */
  #read(bucket: number, file: string): string | undefined {
    try {
      return readIfThere(file);
    } catch (error) {
      const problem = `${file} cannot be read (${(error as Error).message}) and is left as it is: mend the disk or its permissions, and start again`;
      this.#unread.set(bucket, problem);
      this.#options.warn(problem);
      return undefined;
    }
  }
}

function isEmpty({ fed, withdrawn, others }: IntentBucket): boolean {
  return fed.length + withdrawn.length + others.length === 0;
}
