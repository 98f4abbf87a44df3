/** Something that will happen, unless it is called off. */
export interface Appointment {
  readonly at_ms: number;
  cancelled: boolean;
}

interface Entry extends Appointment {
  readonly order: number;
  readonly happen: () => void;
}

/**
 * The world's one true time, and all that is going to happen in it. No host can read it. What is due at the same moment
 * happens in the order in which it was entered, so a run is the same each time.
 */
export class Agenda {
  #now_ms = 0;
  #entered = 0;
  readonly #heap: Entry[] = [];

  get now_ms(): number {
    return this.#now_ms;
  }

  /** Lets something happen after a while (0: after all that is due now). */
  after(delay_ms: number, happen: () => void): Appointment {
    return this.at(this.#now_ms + Math.max(0, delay_ms), happen);
  }

  /** Lets something happen at a moment, or now when that has passed. */
  at(at_ms: number, happen: () => void): Appointment {
    const entry: Entry = { at_ms: Math.max(at_ms, this.#now_ms), order: this.#entered++, happen, cancelled: false };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return entry;
  }

  /** Lets time pass until a moment, with all that happens before it and at it. */
  runUntil(end_ms: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at_ms <= end_ms; next = this.#heap[0]) {
      this.#takeFirst();
      if (next.cancelled) continue;
      this.#now_ms = next.at_ms;
      next.happen();
    }
    this.#now_ms = end_ms;
  }

  #takeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    const heap = this.#heap;
    for (let index = start; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      [heap[index], heap[parent]] = [heap[parent]!, heap[index]!];
      index = parent;
    }
  }

  #sink(start: number): void {
    const heap = this.#heap;
    for (let index = start; ;) {
      let first = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && this.#before(child, first)) first = child;
      }
      if (first === index) return;
      [heap[index], heap[first]] = [heap[first]!, heap[index]!];
      index = first;
    }
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one]!, this.#heap[other]!];
    return a.at_ms < b.at_ms || (a.at_ms === b.at_ms && a.order < b.order);
  }
}
