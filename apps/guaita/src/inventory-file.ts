import { readLocalNetwork, type ConfiguredFile } from '@guaita/assign';
import {
  MAX_FILE_bytes,
  readInventory,
  tooLarge,
  type InventoryFile,
  type InventoryResult,
  type Problem,
} from '@guaita/assign/inventory';
import { normaliseId, type Id } from '@guaita/model';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * Reads inventory files together and says every mistake; one that cannot be read is a mistake of its own.
 *
 * @param monitor after which what is found on this host is named; default: as a monitor here is called by default.
 */
export async function checkInventoryFiles(
  files: readonly ConfiguredFile[],
  monitor: Id = normaliseId(hostname()) ?? 'monitor',
): Promise<InventoryResult> {
  const unreadable: Problem[] = [];
  const read: InventoryFile[] = [];
  for (const { file, format } of files) {
    try {
      const { size } = await stat(file);
      if (size > MAX_FILE_bytes) throw new Error(tooLarge(size));
      read.push({ file, content: await readFile(file), format });
    } catch (error) {
      const message = `cannot be read: ${(error as Error).message}; name a readable file`;
      unreadable.push({ severity: 'error', file, line: 0, path: '', message });
    }
  }
  const { devices, problems } = readInventory(read, readLocalNetwork(monitor));
  return { devices: unreadable.length > 0 ? [] : devices, problems: [...unreadable, ...problems] };
}
