import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The text of a file, or `undefined` when there is none. @throws whatever else keeps it from being read. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/**
 * Replaces a file as a whole: after a crash there is the old text or the new one, and once this resolves the new one,
 * also after a loss of power.
 */
export async function replaceDurably(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The same at once, for what has to be on disk before the next word is said. */
export function replaceDurablyNow(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  synced(`${file}.new`, 'w', (handle) => writeSync(handle, text));
  renameSync(`${file}.new`, file);
  synced(dirname(file), 'r', () => 0);
}

function synced(path: string, flags: string, work: (handle: number) => number): void {
  const handle = openSync(path, flags, 0o600);
  try {
    work(handle);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
