import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** How many bytes the files in a folder and below hold; what goes away meanwhile does not count. */
export async function folderBytes(folder: string): Promise<number> {
  let total_bytes = 0;
  for (const entry of await orNothing(readdir(folder, { recursive: true, withFileTypes: true }), [])) {
    if (!entry.isFile()) continue;
    const facts = await orNothing(stat(join(entry.parentPath, entry.name)), undefined);
    total_bytes += facts?.size ?? 0;
  }
  return total_bytes;
}

async function orNothing<Value, Nothing>(asked: Promise<Value>, nothing: Nothing): Promise<Value | Nothing> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nothing;
    throw error;
  }
}
