import type { Id } from '@guaita/model';
import type { Now } from '../now.ts';
import type { SubjectKind } from './kinds.ts';

/**
 * An alert that an earlier speaker left on something that is not heard of is over then: it was taken away while nobody
 * spoke. All is told by that time: the assign service takes away what is old 15 s after its start.
 */
const UNKNOWN_ms = 60_000;

/** Who of those that are not known is known to be there no more: at first who was taken away, later everyone. */
export class Gone {
  readonly #gone = new Set<string>();
  /** When all are known who are there; set by the first advance. */
  #allKnown_ms: number | undefined;
  #isAllKnown = false;

  note(kind: SubjectKind, id: Id, isGone: boolean): void {
    if (isGone && !this.#isAllKnown) this.#gone.add(keyOf(kind, id));
    else this.#gone.delete(keyOf(kind, id));
  }

  /** @param id of somebody who is not known. */
  has(kind: SubjectKind, id: Id): boolean {
    return this.#isAllKnown || this.#gone.has(keyOf(kind, id));
  }

  /** Looks at the clock. @returns whether everyone is gone from now on who is not known. */
  advance({ monotonic_ms }: Now): boolean {
    this.#allKnown_ms ??= monotonic_ms + UNKNOWN_ms;
    if (this.#isAllKnown || monotonic_ms < this.#allKnown_ms) return false;
    this.#isAllKnown = true;
    this.#gone.clear();
    return true;
  }

  get nextDeadline_ms(): number {
    return this.#isAllKnown ? Infinity : (this.#allKnown_ms ?? -Infinity);
  }
}

function keyOf(kind: SubjectKind, id: Id): string {
  return `${kind}/${id}`;
}
