import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Beyond this many lines of what is no longer so, the file is written anew. */
const STALE_LINES = 1_000;

/**
 * A set of names on disk: a line for each that came (`+name`) or went (`-name`), so that one of many thousands costs one
 * line. A name holds no line end.
 */
export class NameMemory {
  readonly #file: string;
  readonly #names = new Set<string>();
  #lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** `undefined` when nothing was ever written. */
  async read(): Promise<ReadonlySet<string> | undefined> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    }
    // A crash cuts off the last line at most: `came` and `went` had not ended then.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    for (const line of lines) {
      if (line.startsWith('+')) this.#names.add(line.slice(1));
      else if (line.startsWith('-')) this.#names.delete(line.slice(1));
    }
    await this.#rewrite();
    return this.#names;
  }

  /** Resolves when it is on disk. */
  async came(names: Iterable<string>): Promise<void> {
    const fresh = [...names].filter((name) => !this.#names.has(name));
    for (const name of fresh) this.#names.add(name);
    await this.#append('+', fresh);
  }

  /** Resolves when it is on disk. */
  async went(names: Iterable<string>): Promise<void> {
    const gone = [...names].filter((name) => this.#names.delete(name));
    await this.#append('-', gone);
  }

  async #append(sign: '+' | '-', names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    this.#lines += names.length;
    if (this.#lines > 2 * this.#names.size + STALE_LINES) {
      await this.#rewrite();
      return;
    }
    await mkdir(dirname(this.#file), { recursive: true });
    await appendFile(this.#file, lines(sign, names));
  }

  /** Replaces the file as a whole, so that a crash leaves the old one or the new one. */
  async #rewrite(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, lines('+', [...this.#names]));
    await rename(`${this.#file}.new`, this.#file);
    this.#lines = this.#names.size;
  }
}

function lines(sign: '+' | '-', names: readonly string[]): string {
  return names.map((name) => `${sign}${name}\n`).join('');
}
