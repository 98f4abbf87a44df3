import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { etagOf } from '../etag.ts';

/** A file of the page in one of its packings. */
interface Packing {
  readonly encoding: 'br' | 'gzip' | undefined;
  readonly body: Buffer;
  readonly etag: string;
}

/** A file as it is to be given. */
export interface PageFile extends Packing {
  readonly type: string;
  /** Its name changes with what is in it, so that nobody has to ask again. */
  readonly immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The best first. */
const PACKINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Where the build puts what bears a hash of itself in its name. */
const HASHED = '/assets/';

/**
 * The built page, read once: some hundred KB. What is asked for is looked up among the names that were found, so that no
 * path, however written, leads anywhere else.
 */
export class PageFiles {
  readonly #folder: string;
  readonly #files = new Map<string, { readonly type: string; readonly packings: readonly Packing[] }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads the folder; one that is not there is a page that is not built. Gives whether there is a page. */
  async load(): Promise<boolean> {
    const found = await filesBelow(this.#folder);
    for (const [name, body] of found) {
      const type = TYPES[extname(name)];
      if (type === undefined) continue;
      const packings: Packing[] = [];
      for (const [encoding, end] of PACKINGS) {
        const packed = found.get(name + end);
        if (packed !== undefined) packings.push({ encoding, body: packed, etag: etagOf(packed) });
      }
      packings.push({ encoding: undefined, body, etag: etagOf(body) });
      this.#files.set(name, { type, packings });
    }
    return this.#files.has('/index.html');
  }

  /**
   * The file at a path, packed as whoever asks can unpack it.
   *
   * @param path as it came, percent-encoded.
   */
  find(path: string, acceptEncoding: string = ''): PageFile | undefined {
    const name = decoded(path);
    if (name === undefined) return undefined;
    const found = this.#files.get(name === '/' ? '/index.html' : name);
    if (found === undefined) return undefined;
    const accepted = acceptedOf(acceptEncoding);
    const packing = found.packings.find(({ encoding }) => encoding === undefined || accepted.has(encoding));
    return packing && { ...packing, type: found.type, immutable: name.startsWith(HASHED) };
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** The packings of `Accept-Encoding` (RFC 9110 §12.5.3), without those that weigh nothing. */
function acceptedOf(header: string): ReadonlySet<string> {
  const each = header.split(',').map((text) =>
    text
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  );
  return new Set(each.flatMap(([name = '', weight = '']) => (/^q=0(\.0*)?$/.test(weight) ? [] : [name])));
}

async function filesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return files;
    throw error;
  }
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length).replaceAll(sep, '/'), await readFile(path));
  }
  return files;
}
