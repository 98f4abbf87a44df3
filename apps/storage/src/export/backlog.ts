import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Disk } from '../disk/disk.ts';
import { dayOfOwn } from '../journal/names.ts';
import { wholeLines } from '../journal/torn-tail.ts';
import { kindNames, type KindName } from '../kinds/kinds.ts';
import type { Layout } from '../layout.ts';

/** Some thousand rows at a time: what is read at once, and what comes twice after a crash. */
const CHUNK_bytes = 256 * 1024;

/** Lines that are to be exported, from one segment of the journal. */
export interface Chunk {
  readonly kind: KindName;
  readonly lines: readonly string[];
  /** How far the segment has been read once these are done. */
  readonly upto: { readonly segment: string; readonly offset_bytes: number };
}

interface Waiting {
  readonly kind: KindName;
  readonly name: string;
  readonly path: string;
  readonly size_bytes: number;
  readonly modified_ms: number;
  /** The store needs it no more; it stands here for the export alone. */
  readonly isRetired: boolean;
}

/**
 * What has not been exported yet: the journal itself, of which is remembered how far it has been read. A segment that the
 * store needs no more waits here until it is done, so that nothing is written a second time.
 */
export class Backlog {
  readonly #disk: Disk;
  readonly #layout: Layout;
  readonly #folder: string;
  /** How far each segment has been read. */
  #offsets: Record<string, number> = {};

  /** @param folder where segments wait that the store needs no more, in its journal’s file system. */
  constructor(disk: Disk, layout: Layout, folder: string) {
    this.#disk = disk;
    this.#layout = layout;
    this.#folder = folder;
  }

  /** Makes its folders, and reads how far an earlier process has come. Before the store is started. */
  async start(): Promise<void> {
    for (const kind of kindNames) await this.#disk.makeFolder(join(this.#folder, kind));
    const text = (await this.#disk.stat(this.#notes)) === undefined ? '' : String(await this.#disk.read(this.#notes));
    this.#offsets = readOffsets(text);
  }

  /** A segment of the journal that the store needs no more. */
  async retire(kind: KindName, path: string): Promise<void> {
    const facts = await this.#disk.stat(path);
    if (facts === undefined) return;
    if (facts.size_bytes <= this.#read(basename(path))) await this.#disk.remove(path);
    else await this.#disk.rename(path, join(this.#folder, kind, basename(path)));
  }

  /** The oldest lines of a kind that are not exported yet; none when all are. */
  async next(kind: KindName): Promise<Chunk | undefined> {
    for (const waiting of await this.#waiting(kind)) {
      const from_bytes = this.#read(waiting.name);
      if (waiting.size_bytes > from_bytes) {
        const bytes = await readChunk(waiting.path, from_bytes);
        const { size_bytes } = wholeLines(bytes);
        if (size_bytes > 0) {
          const lines = bytes
            .subarray(0, size_bytes - 1)
            .toString()
            .split('\n');
          return { kind, lines, upto: { segment: waiting.name, offset_bytes: from_bytes + size_bytes } };
        }
      }
      // A torn line at its end is none: the store cut it off, or it is still being written.
      if (waiting.isRetired) await this.#disk.remove(waiting.path);
    }
    return undefined;
  }

  /** These lines need no export any more. */
  async done({ upto }: Chunk): Promise<void> {
    this.#offsets[upto.segment] = upto.offset_bytes;
    await this.#keepNotes();
  }

  /** How much waits, in bytes of the journal. */
  async waiting_bytes(): Promise<number> {
    const all = await this.#all();
    return all.reduce((sum, { name, size_bytes }) => sum + Math.max(0, size_bytes - this.#read(name)), 0);
  }

  /** Gives the oldest segments up that stand here for the export alone, until they are no more than `max_bytes`. @returns how many rows. */
  async giveUp(max_bytes: number): Promise<number> {
    const retired = (await this.#all()).filter(({ isRetired }) => isRetired);
    retired.sort((a, b) => a.modified_ms - b.modified_ms);
    let total_bytes = retired.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
    let rows = 0;
    for (const { path, name, size_bytes } of retired) {
      if (total_bytes <= max_bytes) break;
      rows += wholeLines(await this.#disk.read(path, this.#read(name))).lines;
      await this.#disk.remove(path);
      total_bytes -= size_bytes;
    }
    return rows;
  }

  get #notes(): string {
    return join(this.#folder, 'read.json');
  }

  #read(segment: string): number {
    return this.#offsets[segment] ?? 0;
  }

  async #all(): Promise<Waiting[]> {
    return (await Promise.all(kindNames.map((kind) => this.#waiting(kind)))).flat();
  }

  /** A kind’s segments, the oldest first. */
  async #waiting(kind: KindName): Promise<Waiting[]> {
    // The later place counts: a segment may be moved while we look.
    const found = new Map<string, Waiting>();
    const folders = [
      { folder: this.#layout.journal(kind), isRetired: false },
      { folder: join(this.#folder, kind), isRetired: true },
    ];
    for (const { folder, isRetired } of folders) {
      for (const name of await this.#disk.list(folder)) {
        if (dayOfOwn(name, 'csv') === undefined) continue;
        const path = join(folder, name);
        const facts = await this.#disk.stat(path);
        if (facts?.isFile !== true) continue;
        found.set(name, { kind, name, path, isRetired, ...facts });
      }
    }
    return [...found.values()].sort((a, b) => a.modified_ms - b.modified_ms || (a.name < b.name ? -1 : 1));
  }

  /** Also forgets segments that are gone. */
  async #keepNotes(): Promise<void> {
    const names = new Set((await this.#all()).map(({ name }) => name));
    this.#offsets = Object.fromEntries(Object.entries(this.#offsets).filter(([name]) => names.has(name)));
    const unfinished = `${this.#notes}.tmp`;
    await this.#disk.write(unfinished, Buffer.from(JSON.stringify(this.#offsets)));
    await this.#disk.rename(unfinished, this.#notes);
  }
}

/** What cannot be read is as if nothing had been exported: stores take samples twice. */
function readOffsets(text: string): Record<string, number> {
  try {
    const offsets: unknown = JSON.parse(text);
    if (typeof offsets !== 'object' || offsets === null) return {};
    return Object.fromEntries(
      Object.entries(offsets).filter(([, offset]) => Number.isSafeInteger(offset) && offset >= 0),
    );
  } catch {
    return {};
  }
}

async function readChunk(path: string, from_bytes: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(CHUNK_bytes);
    const { bytesRead } = await handle.read(bytes, 0, CHUNK_bytes, from_bytes);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
