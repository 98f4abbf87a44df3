import type { Id } from '@guaita/model';

/** When something of a device becomes due. */
export class Deadlines {
  readonly #due_ms = new Map<Id, number>();
  /** No later than the earliest: it may have been taken back. */
  #next_ms = Infinity;

  /** Sets or, with `undefined`, takes back the deadline of a device. */
  set(device: Id, due_ms: number | undefined): void {
    if (due_ms === undefined) {
      this.#due_ms.delete(device);
      if (this.#due_ms.size === 0) this.#next_ms = Infinity;
      return;
    }
    this.#due_ms.set(device, due_ms);
    this.#next_ms = Math.min(this.#next_ms, due_ms);
  }

  /** The devices that are due. Each stays so until its deadline is set anew. */
  due(now_ms: number): Id[] {
    if (now_ms < this.#next_ms) return [];
    const due: Id[] = [];
    this.#next_ms = Infinity;
    for (const [device, due_ms] of this.#due_ms) {
      if (due_ms <= now_ms) due.push(device);
      this.#next_ms = Math.min(this.#next_ms, due_ms);
    }
    return due;
  }

  /** When to ask again: when a device is due, or earlier. */
  get next_ms(): number {
    return this.#next_ms;
  }
}
