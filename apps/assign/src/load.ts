import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import {
  MAX_FILE_bytes,
  inventorySteps,
  tooLarge,
  type InventoryFile,
  type InventoryResult,
  type LocalNetwork,
  type Problem,
} from './inventory/index.ts';
import type { ConfiguredFile } from './config.ts';
import { inSteps } from './in-steps.ts';

/** The files' content at one moment, and a mark that differs when anything that matters does. */
export interface Snapshot {
  readonly files: readonly InventoryFile[];
  /** Files that could not be read. */
  readonly problems: readonly Problem[];
  readonly local: LocalNetwork;
  readonly mark: string;
}

/** Reads the files as they are now. A file that cannot be read is a problem, never an empty inventory. */
export async function takeSnapshot(configured: readonly ConfiguredFile[], local: LocalNetwork): Promise<Snapshot> {
  const files: InventoryFile[] = [];
  const problems: Problem[] = [];
  const hash = createHash('sha256').update(JSON.stringify(local));
  for (const { file, format } of configured) {
    try {
      const { size } = await stat(file);
      if (size > MAX_FILE_bytes) throw new Error(tooLarge(size));
      const content = await readFile(file);
      files.push({ file, content, format });
      hash.update(`\0${file}\0`).update(content);
    } catch (error) {
      const message = cause(error);
      problems.push({ severity: 'error', file, line: 0, path: '', message });
      hash.update(`\0${file}\0${message}`);
    }
  }
  return { files, problems, local, mark: hash.digest('hex') };
}

/** The inventory of a snapshot: no device at all when there is any mistake. */
export async function loadInventory({ files, problems, local }: Snapshot): Promise<InventoryResult> {
  const result = await inSteps(inventorySteps(files, local));
  return problems.length === 0 ? result : { devices: [], problems: [...problems, ...result.problems] };
}

function cause(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'is not there; put it back, or correct assign.devices';
    case 'EACCES':
      return 'may not be read by this user; give it the right to';
    case 'EISDIR':
      return 'is a folder; give a file in assign.devices';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
