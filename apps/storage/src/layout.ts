import { join } from 'node:path';
import type { KindName } from './kinds/kinds.ts';

/** Where what is not sealed yet stands, in the service's own folder. */
export class Layout {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The journal, of all kinds. */
  get journals(): string {
    return join(this.#folder, 'journal');
  }

  /** Segments of the journal. */
  journal(kind: KindName): string {
    return join(this.journals, kind);
  }

  /** Parts, and those that are being written. */
  parts(kind: KindName): string {
    return join(this.#folder, 'parts', kind);
  }

  /** What could not be read: kept for whoever can. */
  get broken(): string {
    return join(this.#folder, 'broken');
  }

  /** What is written, read at once and taken away. */
  get scratch(): string {
    return join(this.#folder, 'scratch');
  }
}
