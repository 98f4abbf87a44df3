import { renameSync } from 'node:fs';
import { Header } from '@guaita/model';
import { readIfThere, replaceDurablyNow } from '@guaita/service';
import { z } from 'zod';

const Identity = z.object({ host_key: Header.shape.host_key, incarnation: Header.shape.incarnation });
/** Who this monitor is among all that ever bore its id. */
export type Identity = z.infer<typeof Identity>;

/** 128 random bits: no two hosts make the same. */
const KEY_digits = 32;

/** The host's key, made once, and the incarnation, which rises with each start. */
export class IdentityFile {
  readonly #file: string;
  readonly #random: () => number;
  readonly #warn: (problem: string) => void;
  #identity: Identity | undefined;

  /** @param random uniform in [0, 1). */
  constructor(file: string, random: () => number, warn: (problem: string) => void) {
    this.#file = file;
    this.#random = random;
    this.#warn = warn;
  }

  /** A new incarnation, on disk once this returns. Where the file is lost, others tell which one was seen last. */
  begin(): Identity {
    const known = this.#read();
    const identity = { host_key: known?.host_key ?? this.#makeKey(), incarnation: (known?.incarnation ?? 0) + 1 };
    this.#write(identity);
    return identity;
  }

  /** A greater incarnation was seen, so that this one is ours from now on; on disk once this returns. */
  raise(incarnation: number): void {
    const identity = this.#identity;
    if (identity !== undefined && incarnation > identity.incarnation) this.#write({ ...identity, incarnation });
  }

  #write(identity: Identity): void {
    replaceDurablyNow(this.#file, JSON.stringify(identity));
    this.#identity = identity;
  }

  #read(): Identity | undefined {
    const text = readIfThere(this.#file);
    if (text === undefined) return undefined;
    try {
      return Identity.parse(JSON.parse(text));
    } catch {
      renameSync(this.#file, `${this.#file}.bad`);
      this.#warn(`${this.#file} was damaged and is set aside as ${this.#file}.bad: this host gets a new key`);
      return undefined;
    }
  }

  #makeKey(): string {
    return Array.from({ length: KEY_digits }, () => Math.floor(this.#random() * 16).toString(16)).join('');
  }
}
