/** Who waits for a place: those that answered lately, or those that did not and will hold theirs until a timeout. */
export type Lane = 'prompt' | 'slow';

/**
 * Bounds how many polls are under way. The slow ones may take half of the places at most, so that any number of
 * silent devices leaves room for those that answer.
 */
export class Lanes {
  readonly #most: Readonly<Record<Lane, number>>;
  readonly #waiting: Readonly<Record<Lane, Set<string>>> = { prompt: new Set(), slow: new Set() };
  readonly #busy: Record<Lane, number> = { prompt: 0, slow: 0 };
  readonly #places: number;

  /** @param places polls at the same time. */
  constructor(places: number) {
    this.#places = places;
    this.#most = { prompt: places, slow: Math.max(1, Math.floor(places / 2)) };
  }

  get waiting(): number {
    return this.#waiting.prompt.size + this.#waiting.slow.size;
  }

  get busy(): number {
    return this.#busy.prompt + this.#busy.slow;
  }

  /** Queues one; false when it waits already. */
  enter(key: string, lane: Lane): boolean {
    if (this.#waiting.prompt.has(key) || this.#waiting.slow.has(key)) return false;
    this.#waiting[lane].add(key);
    return true;
  }

  /** Takes one out of the queue. */
  withdraw(key: string): void {
    this.#waiting.prompt.delete(key);
    this.#waiting.slow.delete(key);
  }

  /** The next that may start, with its lane; it has its place until `leave`. */
  next(): { readonly key: string; readonly lane: Lane } | undefined {
    if (this.busy >= this.#places) return undefined;
    for (const lane of ['prompt', 'slow'] as const) {
      if (this.#busy[lane] >= this.#most[lane]) continue;
      const [key] = this.#waiting[lane];
      if (key === undefined) continue;
      this.#waiting[lane].delete(key);
      this.#busy[lane] += 1;
      return { key, lane };
    }
    return undefined;
  }

  leave(lane: Lane): void {
    this.#busy[lane] -= 1;
  }
}
