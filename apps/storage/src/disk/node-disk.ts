import { closeSync, createReadStream, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { AppendFile, Disk } from './disk.ts';

const dataSync = promisify(fdatasync);

class NodeAppendFile implements AppendFile {
  readonly #handle: number;
  /** Of all that was written whole. */
  #size_bytes = 0;
  /** Part of something may stand behind it, since the disk was full. */
  #isTorn = false;

  constructor(path: string) {
    this.#handle = openSync(path, 'ax', 0o600);
  }

  write(bytes: Uint8Array): void {
    if (this.#isTorn) this.#cutTail();
    try {
      let written = writeSync(this.#handle, bytes);
      while (written < bytes.length) written += writeSync(this.#handle, bytes, written);
    } catch (error) {
      this.#isTorn = true;
      throw error;
    }
    this.#size_bytes += bytes.length;
  }

  async sync(): Promise<void> {
    await dataSync(this.#handle);
  }

  async close(): Promise<void> {
    if (this.#isTorn) this.#cutTail();
    closeSync(this.#handle);
  }

  #cutTail(): void {
    ftruncateSync(this.#handle, this.#size_bytes);
    this.#isTorn = false;
  }
}

/** The machine’s own disk. */
export const nodeDisk: Disk = {
  create: (path) => new NodeAppendFile(path),

  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = path; ; made = dirname(made)) {
      await nodeDisk.sync(dirname(made));
      if (made === first) return;
    }
  },

  async list(path) {
    return (await ifThere(readdir(path))) ?? [];
  },

  async read(path, from_bytes = 0) {
    if (from_bytes === 0) return readFile(path);
    const pieces: Buffer[] = [];
    for await (const piece of createReadStream(path, { start: from_bytes })) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  },

  write: (path, bytes) => writeFile(path, bytes, { mode: 0o600 }),

  async truncate(path, size_bytes) {
    const handle = await open(path, 'r+');
    try {
      await handle.truncate(size_bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  async sync(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  rename: (from, to) => rename(from, to),

  remove: (path) => rm(path, { force: true }),

  async removeFolder(path) {
    try {
      await rmdir(path);
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  },

  async stat(path) {
    const found = await ifThere(lstat(path));
    if (found === undefined) return undefined;
    return { isFile: found.isFile(), size_bytes: found.size, modified_ms: found.mtimeMs };
  },
};

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
