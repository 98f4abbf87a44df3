import type { Id } from '@guaita/model';

/** Whose alerts are to be looked at, and when. */
export class Agenda {
  readonly #touched = new Set<Id>();
  readonly #due_ms = new Map<Id, number>();

  /** Something that is known of it has changed. */
  touch(id: Id): void {
    this.#touched.add(id);
  }

  /** It is to be looked at then, unless it is looked at before. */
  due(id: Id, at_ms: number): void {
    this.#due_ms.set(id, Math.min(at_ms, this.#due_ms.get(id) ?? Infinity));
  }

  /** Takes out what is to be looked at now, so many at most. */
  take(now_ms: number, most: number): readonly Id[] {
    for (const [id, at_ms] of this.#due_ms) if (at_ms <= now_ms) this.#touched.add(id);
    const ids: Id[] = [];
    for (const id of this.#touched) {
      if (ids.length >= most) break;
      ids.push(id);
      this.#touched.delete(id);
      this.#due_ms.delete(id);
    }
    return ids;
  }

  get nextDeadline_ms(): number {
    if (this.#touched.size > 0) return -Infinity;
    let next_ms = Infinity;
    for (const at_ms of this.#due_ms.values()) next_ms = Math.min(next_ms, at_ms);
    return next_ms;
  }
}
