import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Engine } from './engine.ts';
import { ConnectionLane } from './lane.ts';
import { literal } from './sql.ts';

/** For what takes long (sealing a day), for rows that are to be asked for, and for looking at files. */
const STORE_CONNECTIONS = 3;

/**
 * How much that is free the allocators keep for themselves before they give it back: of the default, 128 MiB, a storage
 * that writes a part each half hour holds 50 to 80 MB for nothing; of 1 MiB, a tenth of its CPU goes into getting it again.
 */
const KEPT_FREE = '2MiB';

/** What the database may use of the machine. */
export interface EngineOptions {
  /** The only folders whose files it may read and write. */
  readonly folders: readonly string[];
  /** Where it puts what does not fit in memory; emptied at start. In one of the folders. */
  readonly spill: string;
  readonly memory_bytes: number;
  /** Of the folder for what does not fit in memory. */
  readonly spill_bytes: number;
  readonly threads: number;
  /** How many queries run at a time, beside what the store itself does. */
  readonly queries: number;
}

/** A folder whose name the database would take for a pattern. */
export class FolderNameError extends Error {
  override readonly name = 'FolderNameError';
}

/**
 * DuckDB in memory: no file of its own, no extension from anywhere, no file outside its folders. It is shared by all of a
 * process that keep and read history.
 */
export class DuckDb implements Engine {
  readonly store: ConnectionLane;
  readonly queries: ConnectionLane;
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance, store: ConnectionLane, queries: ConnectionLane) {
    this.#instance = instance;
    this.store = store;
    this.queries = queries;
  }

  /** @throws {FolderNameError} when a folder's path has a character of patterns in it. */
  static async open(options: EngineOptions): Promise<DuckDb> {
    for (const folder of [...options.folders, options.spill]) {
      if (/[*?[\]{}\n]/.test(folder)) {
        throw new FolderNameError(
          `the folder ${JSON.stringify(folder)} has one of * ? [ ] { } in its path, which the database takes for a pattern; choose another`,
        );
      }
    }
    rmSync(options.spill, { recursive: true, force: true });
    for (const folder of [...options.folders, options.spill]) mkdirSync(folder, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${Math.round(options.memory_bytes / 2 ** 20)}MiB`,
      threads: String(options.threads),
      temp_directory: options.spill,
      max_temp_directory_size: `${Math.round(options.spill_bytes / 2 ** 20)}MiB`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      allocator_flush_threshold: KEPT_FREE,
      allocator_bulk_deallocation_flush_threshold: KEPT_FREE,
    });
    const connections = await Promise.all(
      Array.from({ length: STORE_CONNECTIONS + options.queries }, () => instance.connect()),
    );
    const store = new ConnectionLane(connections.slice(0, STORE_CONNECTIONS));
    const allowed = options.folders.map((folder) => literal(join(folder, '/')));
    await store.run("SET GLOBAL TimeZone = 'UTC'");
    // A question reads the footers of the same files again and again; one that took another's place is read anew.
    await store.run('SET GLOBAL parquet_metadata_cache = true');
    await store.run(`SET allowed_directories = [${allowed.join(', ')}]`);
    await store.run('SET enable_external_access = false');
    await store.run('SET lock_configuration = true');
    return new DuckDb(instance, store, new ConnectionLane(connections.slice(STORE_CONNECTIONS)));
  }

  /** Ends it, with what it holds in memory. Queries that run are to be aborted before. */
  close(): void {
    this.#instance.closeSync();
  }
}
