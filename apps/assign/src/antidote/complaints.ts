import type { Logger } from 'pino';

/** So many are remembered: whoever writes garbage must not make the log or the memory grow for ever. */
const REMEMBERED = 1_000;

/** Says once of each register that it is no good. */
export class Complaints {
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** What a register's text means, or `undefined` where it means nothing. */
  decode<T>(register: string, value: string, decode: (value: unknown) => T): T | undefined {
    try {
      return decode(JSON.parse(value));
    } catch (error) {
      this.name(register, 'holds what is none of ours', error as Error);
      return undefined;
    }
  }

  /** Says what is wrong with a register, unless something was said of it before. */
  name(register: string, problem: string, err: Error): void {
    if (this.#said.has(register) || this.#said.size >= REMEMBERED) return;
    this.#said.add(register);
    this.#log.warn({ err }, `AntidoteDB: ${register} ${problem}; it is passed over`);
  }
}
