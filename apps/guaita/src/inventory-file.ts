import { readLocalNetwork, type ConfiguredFile } from '@guaita/assign';
import {
  MAX_FILE_bytes,
  readInventory,
  tooLarge,
  type InventoryFile,
  type InventoryResult,
  type Problem,
} from '@guaita/assign/inventory';
import { readFile, stat } from 'node:fs/promises';

/** Reads inventory files together and says every mistake; one that cannot be read is a mistake of its own. */
export async function checkInventoryFiles(files: readonly ConfiguredFile[]): Promise<InventoryResult> {
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
  const { devices, problems } = readInventory(read, readLocalNetwork());
  return { devices: unreadable.length > 0 ? [] : devices, problems: [...unreadable, ...problems] };
}
