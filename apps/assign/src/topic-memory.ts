import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The topics on which something may be retained, on disk. */
export class TopicMemory {
  readonly #file: string;
  #written: string | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** `undefined` when nothing was ever written. */
  async read(): Promise<string[] | undefined> {
    try {
      this.#written = await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    }
    return this.#written.split('\n').filter((topic) => topic !== '');
  }

  /** Replaces the file as a whole, so that a crash leaves the old one or the new one. */
  async write(topics: Iterable<string>): Promise<void> {
    const text = [...new Set(topics)].sort().join('\n');
    if (text === this.#written) return;
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, text);
    await rename(`${this.#file}.new`, this.#file);
    this.#written = text;
  }
}
