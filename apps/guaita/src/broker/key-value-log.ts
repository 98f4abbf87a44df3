import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the log keeps, as its owner holds it in memory. */
export interface KeptState {
  /** The value of a key now, or `undefined` when it is gone. */
  value(key: string): unknown;
  /** Every key and value. */
  entries(): Iterable<readonly [string, unknown]>;
}

const HEADER = '{"format":"guaita-broker","version":1}';

/** Changes reach the disk in bunches: an SD card wears by the write, and a second is what a power cut may take. */
const FLUSH_ms = 1_000;

/** While the disk is full or broken, each try writes the whole file: the pauses double, up to this. */
const RETRY_MAX_ms = 60_000;

/** The file is written anew when it has grown by more than this and more than its own size when it was new. */
const GROWTH_bytes = 4 * 2 ** 20;

/** Lines written at once in a compaction, so that the broker answers in between. */
const CHUNK_lines = 1_000;

/**
 * Keeps keys and values in one file: a line for each change, the newest line of a key counts. Now and then the file is
 * written anew beside itself, synced and renamed into place, so that at every moment a whole one is there.
 */
export class KeyValueLog {
  readonly #path: string;
  readonly #state: KeptState;
  readonly #report: (problem: string) => void;
  readonly #changed = new Set<string>();
  #file: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #size_bytes = 0;
  #compacted_bytes = 0;
  /** The keys that the file gives a value: no other needs a line when it is gone. */
  #written = new Set<string>();
  #failures = 0;
  /** A write failed, perhaps in the middle of a line: nothing may be appended to that. */
  #torn = false;

  /** @param report told of what is wrong with the file or the disk; the log goes on. */
  constructor(path: string, state: KeptState, report: (problem: string) => void) {
    this.#path = path;
    this.#state = state;
    this.#report = report;
  }

  /**
   * Reads what was kept. A last line that was cut off (a power cut) is passed over; a file with anything else wrong is
   * renamed to `….corrupt-<n>` and reported, and what stands before the fault counts.
   *
   * @throws {Error} when the folder cannot be used.
   */
  async read(): Promise<Map<string, unknown>> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return new Map();
      throw error;
    }
    const { entries, fault } = parse(text);
    if (fault !== undefined) {
      const aside = `${this.#path}.corrupt-${Date.now()}`;
      await rename(this.#path, aside);
      this.#report(`${this.#path}:${fault}; kept as ${aside}, going on with the ${entries.size} entries before it`);
    }
    return entries;
  }

  /** Writes the file anew from the state, and from then on each change. */
  async open(): Promise<void> {
    await this.#compact();
  }

  /** A key has changed. */
  touch(key: string): void {
    this.#changed.add(key);
    const pause_ms = Math.min(FLUSH_ms * 2 ** this.#failures, RETRY_MAX_ms);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#work = this.#work.then(() => this.#flush());
    }, pause_ms).unref();
  }

  /** Writes everything and closes the file. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#work;
    if (this.#file === undefined) return;
    try {
      await this.#compact();
    } catch (error) {
      this.#report(`cannot write ${this.#path}: ${String(error)}`);
    }
    await this.#file?.close();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    const keys = [...this.#changed];
    this.#changed.clear();
    try {
      if (this.#torn) {
        await this.#compact();
        this.#failures = 0;
        return;
      }
      await this.#append(keys);
      if (this.#size_bytes > this.#compacted_bytes + Math.max(GROWTH_bytes, this.#compacted_bytes))
        await this.#compact();
      this.#failures = 0;
    } catch (error) {
      this.#torn = true;
      this.#failures += 1;
      if (this.#failures === 1) this.#report(`cannot write ${this.#path}, trying again: ${String(error)}`);
      for (const key of keys) this.touch(key);
    }
  }

  async #append(keys: readonly string[]): Promise<void> {
    const lines: string[] = [];
    for (const key of keys) {
      const value = this.#state.value(key);
      // What came and went within one flush, as most of a queue whose client is there, costs the disk nothing.
      if (value === undefined && !this.#written.delete(key)) continue;
      if (value !== undefined) this.#written.add(key);
      lines.push(line(key, value));
    }
    if (lines.length === 0) return;
    const chunk = Buffer.from(lines.join(''));
    await this.#file?.appendFile(chunk);
    await this.#file?.datasync();
    this.#size_bytes += chunk.length;
  }

  async #compact(): Promise<void> {
    const fresh = `${this.#path}.new`;
    const file = await open(fresh, 'w', 0o600);
    try {
      let size_bytes = 0;
      let lines = [`${HEADER}\n`];
      const written = new Set<string>();
      const write = async (): Promise<void> => {
        const chunk = Buffer.from(lines.join(''));
        lines = [];
        await file.appendFile(chunk);
        size_bytes += chunk.length;
      };
      for (const [key, value] of this.#state.entries()) {
        lines.push(line(key, value));
        written.add(key);
        if (lines.length >= CHUNK_lines) await write();
      }
      await write();
      await file.sync();
      await rename(fresh, this.#path);
      await syncFolder(dirname(this.#path));
      await this.#file?.close();
      this.#file = file;
      this.#torn = false;
      this.#written = written;
      this.#size_bytes = size_bytes;
      this.#compacted_bytes = size_bytes;
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

function line(key: string, value: unknown): string {
  return `${JSON.stringify(value === undefined ? [key] : [key, value])}\n`;
}

/** Reads the lines of a file as far as they are whole. */
function parse(text: string): { entries: Map<string, unknown>; fault: string | undefined } {
  const entries = new Map<string, unknown>();
  const [header, ...lines] = text.split('\n');
  if (header !== HEADER) return { entries, fault: '1 is not the first line of a broker state file' };
  // After the last line break stands nothing, or a line that was being written when the power went.
  for (const [index, text] of lines.slice(0, -1).entries()) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (!Array.isArray(parsed) || typeof parsed[0] !== 'string') throw new SyntaxError('not a key and a value');
      if (parsed.length === 1) entries.delete(parsed[0]);
      else entries.set(parsed[0], parsed[1]);
    } catch (error) {
      return { entries, fault: `${index + 2} cannot be read (${String(error)})` };
    }
  }
  return { entries, fault: undefined };
}

/** A rename is safe from a power cut once the folder is on the disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
