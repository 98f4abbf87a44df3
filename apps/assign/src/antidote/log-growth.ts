import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';

/** It grows by some megabytes a day. */
const LOOK_ms = 600_000;

/** What remains for others, of a disk that they share. */
const FREE_SHARE = 0.1;

const MB = 1_000_000;

/** How large the data of a server are, and the disk that they are on. */
export interface DataSize {
  readonly data_bytes: number;
  readonly free_bytes: number;
  readonly total_bytes: number;
}

export interface LogGrowthOptions {
  /** Where the server of this host keeps its data. */
  readonly folder: string;
  /** So large they may become. A server reads all of them when it starts. */
  readonly most_mb: number;
  readonly log: Logger;
  /** Told that it must be begun anew, and `undefined` when it was. */
  readonly onTrouble: (problem: string | undefined) => void;
  readonly look_ms?: number;
}

/** Says in time that a server's data must be begun anew: AntidoteDB never takes anything out of its log. */
export class LogGrowth {
  readonly #options: LogGrowthOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #said: string | undefined;

  constructor(options: LogGrowthOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#look();
      await pause(this.#options.look_ms ?? LOOK_ms, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { folder, most_mb, log, onTrouble } = this.#options;
    const problem = await dataSize(folder).then(
      (size) => growthProblem(size, most_mb),
      (error: Error) => `how large the data of AntidoteDB are cannot be seen: ${error.message}`,
    );
    // Figures change at each look; what is to be done does not.
    if ((problem === undefined) === (this.#said === undefined)) return;
    this.#said = problem;
    if (problem !== undefined) log.warn(problem);
    onTrouble(problem);
  }
}

/** What is wrong with the size of a server's data, and what to do. Pure. */
export function growthProblem({ data_bytes, free_bytes, total_bytes }: DataSize, most_mb: number): string | undefined {
  const isLarge = data_bytes > most_mb * MB;
  // A disk that is full of other things is said by those that fill it.
  const isLow = free_bytes < total_bytes * FREE_SHARE && data_bytes > free_bytes;
  if (!isLarge && !isLow) return undefined;
  const mb = (bytes: number): number => Math.round(bytes / MB);
  return (
    `the data of AntidoteDB are ${mb(data_bytes)} MB, ${mb(free_bytes)} MB of its disk are free, and they only grow; begin ` +
    'another generation: "The log grows" in docs/antidote.md'
  );
}

/** Measures a folder with all in it. Files may come and go meanwhile. */
export async function dataSize(folder: string): Promise<DataSize> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let data_bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    data_bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
  }
  const { bavail, blocks, bfree, bsize } = await statfs(folder);
  return { data_bytes, free_bytes: bavail * bsize, total_bytes: (blocks - bfree + bavail) * bsize };
}
