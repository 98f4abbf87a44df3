import { MAX_FILE_bytes, tooLarge } from '@guaita/assign/inventory';
import type { ForeignFile } from '@guaita/assign/inventory/import';
import { open, type FileHandle } from 'node:fs/promises';
import { ForeignFileError } from './foreign-file-error.ts';
import { readKumaDatabase } from './kuma-database.ts';

/** With these bytes every SQLite 3 database begins (https://www.sqlite.org/fileformat.html §1.3). */
const SQLITE = Buffer.from('SQLite format 3\0');

/**
 * Reads a file of another tool, or a database of Uptime Kuma; also of a pipe, as `/dev/stdin`.
 *
 * @throws {ForeignFileError} when it cannot be had; the message names the cause and the mend.
 */
export async function readForeignFile(file: string): Promise<ForeignFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const content = await readBounded(handle);
    if (content === SQLITE) return { file, content: { data: readKumaDatabase(file) } };
    return { file, content };
  } catch (error) {
    if (error instanceof ForeignFileError) throw error;
    const message = (error as Error).message;
    throw new ForeignFileError(`cannot be read: ${message}; name a readable file`, { cause: error });
  } finally {
    await handle?.close();
  }
}

/** All bytes, as far as any export is large; of a database, which may be of any size, only that it is one. */
async function readBounded(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const chunks: Buffer[] = [];
  let read_bytes = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    chunks.push(chunk as Buffer);
    read_bytes += (chunk as Buffer).length;
    if (chunks.length === 1 && SQLITE.equals((chunk as Buffer).subarray(0, SQLITE.length))) return SQLITE;
    if (Math.max(size, read_bytes) > MAX_FILE_bytes) throw new ForeignFileError(tooLarge(Math.max(size, read_bytes)));
  }
  return Buffer.concat(chunks);
}
