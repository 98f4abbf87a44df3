import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DuckDb, type EngineOptions } from './duckdb.ts';

/** A folder for one test, gone when that has ended. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guaita-storage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A small engine over a folder, ended with the test. */
export async function engineOver(folder: string, options: Partial<EngineOptions> = {}): Promise<DuckDb> {
  const engine = await DuckDb.open({
    folders: [folder],
    spill: join(folder, 'spill'),
    memory_bytes: 128 * 2 ** 20,
    spill_bytes: 256 * 2 ** 20,
    threads: 1,
    queries: 1,
    ...options,
  });
  onTestFinished(() => engine.close());
  return engine;
}
