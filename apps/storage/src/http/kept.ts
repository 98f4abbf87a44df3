import type { Id } from '@guaita/model';

/** The newest value of each retained topic of a kind, no more than so many. */
export class Kept<Value> {
  readonly #most: number;
  readonly #onFull: () => void;
  readonly #values = new Map<Id, { readonly value: Value; readonly round: number }>();
  /** Rises with each connection: what was heard in an earlier one is in doubt. */
  #round = 0;
  #toldFull = false;

  /** @param onFull told when there is no room for another, once until there is again. */
  constructor(most: number, onFull: () => void) {
    this.#most = most;
    this.#onFull = onFull;
  }

  get(id: Id): Value | undefined {
    return this.#values.get(id)?.value;
  }

  keys(): Iterable<Id> {
    return this.#values.keys();
  }

  *values(): Iterable<Value> {
    for (const { value } of this.#values.values()) yield value;
  }

  /** @param value `undefined` takes it away. */
  put(id: Id, value: Value | undefined): void {
    if (value === undefined) {
      this.#values.delete(id);
      this.#toldFull = false;
    } else if (this.#values.size < this.#most || this.#values.has(id)) {
      this.#values.set(id, { value, round: this.#round });
    } else if (!this.#toldFull) {
      this.#toldFull = true;
      this.#onFull();
    }
  }

  /** Puts all in doubt that is not heard again from now on. */
  doubt(): void {
    this.#round += 1;
  }

  /** Takes away what still is in doubt. */
  dropDoubted(): void {
    for (const [id, { round }] of this.#values) if (round < this.#round) this.#values.delete(id);
  }
}
