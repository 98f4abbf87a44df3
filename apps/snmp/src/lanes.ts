/**
 * Who waits for a place: `prompt` devices answered lately, `new` ones were not asked yet, `slow` ones did not answer, or
 * took their time, and will hold their place until a timeout.
 */
export type Lane = 'prompt' | 'new' | 'slow';

/** In the order in which they are let in. */
const LANES: readonly Lane[] = ['prompt', 'new', 'slow'];

/**
 * Bounds how many polls are under way. New devices get half of the places at most and slow ones a quarter, so that any
 * number of silent devices leaves room for those that answer, and for those that are to be asked for the first time.
 */
export class Lanes {
  readonly #most: Readonly<Record<Lane, number>>;
  readonly #waiting: Readonly<Record<Lane, Set<string>>> = { prompt: new Set(), new: new Set(), slow: new Set() };
  readonly #busy: Record<Lane, number> = { prompt: 0, new: 0, slow: 0 };
  readonly #places: number;

  /** @param places polls at the same time. */
  constructor(places: number) {
    this.#places = places;
    this.#most = {
      prompt: places,
      new: Math.max(1, Math.floor(places / 2)),
      slow: Math.max(1, Math.floor(places / 4)),
    };
  }

  get waiting(): number {
    return LANES.reduce((sum, lane) => sum + this.#waiting[lane].size, 0);
  }

  get busy(): number {
    return LANES.reduce((sum, lane) => sum + this.#busy[lane], 0);
  }

  /** Queues one; false when it waits already. */
  enter(key: string, lane: Lane): boolean {
    if (LANES.some((other) => this.#waiting[other].has(key))) return false;
    this.#waiting[lane].add(key);
    return true;
  }

  /** Takes one out of the queue. */
  withdraw(key: string): void {
    for (const lane of LANES) this.#waiting[lane].delete(key);
  }

  /** The next that may start, with its lane; it has its place until `leave`. */
  next(): { readonly key: string; readonly lane: Lane } | undefined {
    if (this.busy >= this.#places) return undefined;
    for (const lane of LANES) {
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
