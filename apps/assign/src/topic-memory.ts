import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Beyond this many lines of what is no longer so, the file is written anew. */
const STALE_LINES = 1_000;

/**
 * The topics on which something may be retained, on disk: a line for each that came (`+topic`) or went (`-topic`), so
 * that one of many thousands costs one line.
 */
export class TopicMemory {
  readonly #file: string;
  readonly #topics = new Set<string>();
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
    // A line that a crash cut off names a topic that nothing was said on yet.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    for (const line of lines) {
      if (line.startsWith('+')) this.#topics.add(line.slice(1));
      else if (line.startsWith('-')) this.#topics.delete(line.slice(1));
    }
    await this.#rewrite();
    return this.#topics;
  }

  /** To be called before something is said on them, so that a crash in between leaves nothing that is not known. */
  async came(topics: Iterable<string>): Promise<void> {
    const fresh = [...topics].filter((topic) => !this.#topics.has(topic));
    for (const topic of fresh) this.#topics.add(topic);
    await this.#append('+', fresh);
  }

  /** To be called once the broker has taken them away. */
  async went(topics: Iterable<string>): Promise<void> {
    const gone = [...topics].filter((topic) => this.#topics.delete(topic));
    await this.#append('-', gone);
  }

  async #append(sign: '+' | '-', topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    this.#lines += topics.length;
    if (this.#lines > 2 * this.#topics.size + STALE_LINES) {
      await this.#rewrite();
      return;
    }
    await mkdir(dirname(this.#file), { recursive: true });
    await appendFile(this.#file, lines(sign, topics));
  }

  /** Replaces the file as a whole, so that a crash leaves the old one or the new one. */
  async #rewrite(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, lines('+', [...this.#topics]));
    await rename(`${this.#file}.new`, this.#file);
    this.#lines = this.#topics.size;
  }
}

function lines(sign: '+' | '-', topics: readonly string[]): string {
  return topics.map((topic) => `${sign}${topic}\n`).join('');
}
