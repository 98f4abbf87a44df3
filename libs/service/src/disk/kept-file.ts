import { rename } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { readIfThere, replaceDurably } from './durable-file.ts';

/** What a part of a service keeps over restarts: one file of JSON, replaced as a whole. */
export class KeptFile<Schema extends z.ZodType> {
  readonly #file: string;
  readonly #schema: Schema;
  readonly #log: Pick<Logger, 'warn'>;

  constructor(file: string, schema: Schema, log: Pick<Logger, 'warn'>) {
    this.#file = file;
    this.#schema = schema;
    this.#log = log;
  }

  /** What was kept; `undefined` where there is nothing. A file that is torn is set aside, and is as if there were none. */
  async read(): Promise<z.output<Schema> | undefined> {
    const text = readIfThere(this.#file);
    if (text === undefined) return undefined;
    try {
      return this.#schema.parse(JSON.parse(text));
    } catch (error) {
      await rename(this.#file, `${this.#file}.bad`);
      this.#log.warn(
        { err: error },
        `${this.#file} is damaged and is set aside as ${this.#file}.bad: what it kept is lost, and the rest goes on`,
      );
      return undefined;
    }
  }

  /** After a crash there is what was kept before, or this. */
  async write(kept: z.input<Schema>): Promise<void> {
    await replaceDurably(this.#file, JSON.stringify(kept));
  }
}
