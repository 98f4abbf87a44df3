import type { ServiceRecord } from './service-record.ts';
import { unite, type Union } from './union.ts';

/** What each source said last. */
export class Catalogue {
  readonly #sources: readonly string[];
  readonly #said = new Map<string, readonly ServiceRecord[]>();

  /** @param sources all there are; those whose word counts more first */
  constructor(sources: readonly string[]) {
    this.#sources = sources;
  }

  /** Takes what a source has in place of what it had. */
  take(source: string, services: readonly ServiceRecord[]): void {
    this.#said.set(source, services);
  }

  /** The sources that have said nothing yet: until they do nobody knows what is gone. */
  get silent(): readonly string[] {
    return this.#sources.filter((source) => !this.#said.has(source));
  }

  /** What they have together. */
  union(): Union {
    return unite(this.#sources.map((source) => ({ source, services: this.#said.get(source) ?? [] })));
  }
}
