/** Before the first question: what is missing is mostly still under way. */
const FIRST_ms = 250;
/** Between two questions: the answer takes two link delays. */
const NEXT_ms = [500, 1000];
/** From then on, and no later: a peer that lives must become complete. */
const LAST_ms = 2000;

/** When to ask again for what is missing: of whom, is the key. */
export class Asks<K> {
  readonly #open = new Map<K, { at_ms: number; asked: number }>();

  /** Something is missing from now on, or no longer. */
  need(key: K, missing: boolean, now_ms: number): void {
    if (!missing) this.#open.delete(key);
    else if (!this.#open.has(key)) this.#open.set(key, { at_ms: now_ms + FIRST_ms, asked: 0 });
  }

  /** Who is to be asked now; counts as asked. */
  due(now_ms: number): K[] {
    const due: K[] = [];
    for (const [key, open] of this.#open) {
      if (open.at_ms > now_ms) continue;
      open.at_ms = now_ms + (NEXT_ms[open.asked] ?? LAST_ms);
      open.asked += 1;
      due.push(key);
    }
    return due;
  }

  get nextDeadline_ms(): number {
    let next_ms = Infinity;
    for (const { at_ms } of this.#open.values()) next_ms = Math.min(next_ms, at_ms);
    return next_ms;
  }
}
