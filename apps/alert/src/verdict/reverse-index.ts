import type { Id } from '@guaita/model';

/** Who refers to whom, looked up from the other end: the children of a parent, the devices of a monitor. */
export class ReverseIndex {
  readonly #referrers = new Map<Id, Set<Id>>();

  /** `referrer` has referred to `before` and refers to `after` now. */
  move(referrer: Id, before: readonly Id[], after: readonly Id[]): void {
    for (const id of before) {
      if (after.includes(id)) continue;
      const referrers = this.#referrers.get(id);
      referrers?.delete(referrer);
      if (referrers?.size === 0) this.#referrers.delete(id);
    }
    for (const id of after) {
      const referrers = this.#referrers.get(id);
      if (referrers === undefined) this.#referrers.set(id, new Set([referrer]));
      else referrers.add(referrer);
    }
  }

  /** Whether anybody refers to it. */
  has(id: Id): boolean {
    return this.#referrers.has(id);
  }

  /** All that refer to it. */
  of(id: Id): Iterable<Id> {
    return this.#referrers.get(id) ?? [];
  }
}
