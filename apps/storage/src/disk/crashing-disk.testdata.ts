import { renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Engine, Lane, Parameters, ResultRow } from '../engine/engine.ts';
import type { AppendFile, Disk } from './disk.ts';
import { nodeDisk } from './node-disk.ts';

/** The process is dead: nothing that it does has an effect any more. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * A disk, and a database that writes to it, which die at one step: before it, in the midst of it, or after it. Nothing is
 * really flushed, since what would be lost without it is taken away here.
 */
export class CrashingDisk implements Disk {
  /** How many moments there were so far at which it might have died. */
  moments = 0;
  isDead = false;
  readonly #crashAt: number;
  readonly #graves: string;
  #buried = 0;
  /** What is undone where a folder is not flushed, by folder, the oldest first. */
  readonly #undo = new Map<string, (() => void)[]>();
  /** How much of each file has been flushed. */
  readonly #flushed = new Map<string, number>();

  /** @param graves a folder for what is removed, which a loss of power may bring back. */
  constructor(crashAt: number, graves: string) {
    this.#crashAt = crashAt;
    this.#graves = graves;
  }

  /**
   * Takes away what was not flushed: the ends of files, and what was done in folders, as far as those lose it. A file
   * system may have written what was done in one folder and not what was done before in another.
   */
  losePower(loses: (folder: string) => boolean): void {
    for (const [path, size_bytes] of this.#flushed) {
      if (isThere(path) && statSync(path).size > size_bytes) truncateSync(path, size_bytes);
    }
    for (const [folder, undo] of this.#undo) {
      if (loses(folder)) for (const each of undo.reverse()) each();
    }
  }

  create(path: string): AppendFile {
    this.#moment();
    const file = nodeDisk.create(path);
    this.#made(path);
    this.#moment();
    return {
      write: (bytes) => {
        this.#moment();
        if (this.#isMoment()) {
          file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
          this.#die();
        }
        file.write(bytes);
        this.#moment();
      },
      sync: async () => {
        this.#moment();
        this.#flush(path);
        this.#moment();
      },
      close: () => file.close(),
    };
  }

  async makeFolder(path: string): Promise<void> {
    await this.#step(() => nodeDisk.makeFolder(path));
  }

  async list(path: string): Promise<string[]> {
    this.#throwIfDead();
    return nodeDisk.list(path);
  }

  async read(path: string, from_bytes?: number): Promise<Buffer> {
    this.#throwIfDead();
    return nodeDisk.read(path, from_bytes);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.#moment();
    if (this.#isMoment()) {
      await nodeDisk.write(path, bytes.subarray(0, bytes.length / 2));
      this.#die();
    }
    await nodeDisk.write(path, bytes);
    this.#made(path);
    this.#moment();
  }

  async truncate(path: string, size_bytes: number): Promise<void> {
    await this.#step(() => nodeDisk.truncate(path, size_bytes));
  }

  async sync(path: string): Promise<void> {
    await this.#step(async () => this.#flush(path));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step(async () => {
      await nodeDisk.rename(from, to);
      this.#flushed.set(to, this.#flushed.get(from) ?? 0);
      this.#flushed.delete(from);
      this.#undoable(to, () => {
        renameSync(to, from);
      });
    });
  }

  async remove(path: string): Promise<void> {
    await this.#step(async () => {
      if (!isThere(path)) return;
      const grave = join(this.#graves, String(++this.#buried));
      await mkdir(this.#graves, { recursive: true });
      renameSync(path, grave);
      this.#undoable(path, () => {
        renameSync(grave, path);
      });
    });
  }

  async removeFolder(path: string): Promise<void> {
    await this.#step(() => nodeDisk.removeFolder(path));
  }

  async stat(path: string): ReturnType<Disk['stat']> {
    this.#throwIfDead();
    return nodeDisk.stat(path);
  }

  /** The same engine, which dies with it. */
  engine({ store, queries }: Engine): Engine {
    return { store: this.#lane(store), queries: this.#lane(queries) };
  }

  #lane(lane: Lane): Lane {
    return {
      rows: async <Row = ResultRow>(sql: string, parameters?: Parameters, signal?: AbortSignal): Promise<Row[]> => {
        this.#throwIfDead();
        return lane.rows<Row>(sql, parameters, signal);
      },
      run: async (sql, parameters, signal) => {
        const [, file] = /^COPY .* TO '([^']+)' \(/s.exec(sql) ?? [];
        if (file === undefined) {
          this.#throwIfDead();
          await lane.run(sql, parameters, signal);
          return;
        }
        this.#moment();
        const isTorn = this.#isMoment();
        await lane.run(sql, parameters, signal);
        this.#made(file);
        if (isTorn) {
          truncateSync(file, Math.floor(statSync(file).size / 2));
          this.#die();
        }
        this.#moment();
      },
      stream: <Row = ResultRow>(sql: string, parameters?: Parameters, signal?: AbortSignal) => {
        this.#throwIfDead();
        return lane.stream<Row>(sql, parameters, signal);
      },
    };
  }

  async #step(work: () => Promise<void>): Promise<void> {
    this.#moment();
    await work();
    this.#moment();
  }

  #moment(): void {
    if (this.#isMoment()) this.#die();
  }

  #isMoment(): boolean {
    this.#throwIfDead();
    this.moments += 1;
    return this.moments === this.#crashAt;
  }

  #die(): never {
    this.isDead = true;
    throw new Crash(`at moment ${this.#crashAt}`);
  }

  #throwIfDead(): void {
    if (this.isDead) throw new Crash('it is dead');
  }

  #made(path: string): void {
    this.#flushed.set(path, 0);
    this.#undoable(path, () => rmSync(path, { force: true }));
  }

  #undoable(path: string, undo: () => void): void {
    const folder = dirname(path);
    this.#undo.set(folder, [...(this.#undo.get(folder) ?? []), undo]);
  }

  #flush(path: string): void {
    if (statSync(path).isDirectory()) this.#undo.delete(path);
    else this.#flushed.set(path, statSync(path).size);
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
