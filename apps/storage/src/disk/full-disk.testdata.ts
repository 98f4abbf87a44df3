import { statSync, truncateSync } from 'node:fs';
import { QueryError, type Engine, type Lane } from '../engine/engine.ts';
import type { AppendFile, Disk } from './disk.ts';
import { nodeDisk } from './node-disk.ts';

/** A disk, and a database that writes to it, which at some times have no room. */
export class FullDisk {
  /** How often it was to take something. */
  writes = 0;
  readonly #isFull: (write: number) => boolean;

  /** @param isFull tells of each write, counted from 1, whether there is no room for it. */
  constructor(isFull: (write: number) => boolean) {
    this.#isFull = isFull;
  }

  readonly disk: Disk = {
    ...nodeDisk,
    create: (path) => {
      this.#take();
      const file: AppendFile = nodeDisk.create(path);
      return {
        write: (bytes) => {
          this.#take();
          file.write(bytes);
        },
        sync: () => file.sync(),
        close: () => file.close(),
      };
    },
    makeFolder: async (path) => {
      this.#take();
      await nodeDisk.makeFolder(path);
    },
    write: async (path, bytes) => {
      try {
        this.#take();
      } catch (error) {
        await nodeDisk.write(path, bytes.subarray(0, bytes.length / 2));
        throw error;
      }
      await nodeDisk.write(path, bytes);
    },
    rename: async (from, to) => {
      this.#take();
      await nodeDisk.rename(from, to);
    },
  };

  /** The same engine, which finds no room when this does. */
  engine({ store, queries }: Engine): Engine {
    const lane: Lane = {
      rows: (sql, parameters, signal) => store.rows(sql, parameters, signal),
      stream: (sql, parameters, signal) => store.stream(sql, parameters, signal),
      run: async (sql, parameters, signal) => {
        await store.run(sql, parameters, signal);
        const [, file] = /^COPY .* TO '([^']+)' \(/s.exec(sql) ?? [];
        if (file === undefined) return;
        try {
          this.#take();
        } catch (cause) {
          truncateSync(file, Math.floor(statSync(file).size / 2));
          throw new QueryError('IO Error: could not write all bytes to file: No space left on device', { cause });
        }
      },
    };
    return { store: lane, queries };
  }

  #take(): void {
    this.writes += 1;
    if (this.#isFull(this.writes)) {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
  }
}
