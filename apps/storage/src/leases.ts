/** Who uses which files and tables, so that nothing is taken away under a query that runs. */
export class Leases {
  readonly #uses = new Map<string, number>();
  readonly #waiting = new Map<string, () => void>();

  /** Uses all of these until the function that it gives is called. */
  take(names: readonly string[]): () => void {
    for (const name of names) this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      for (const name of names) this.#giveBack(name);
    };
  }

  /** Resolves once nobody uses it; whoever asks has seen to it that nobody begins to. */
  whenFree(name: string): Promise<void> {
    if (!this.#uses.has(name)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(name, resolve));
  }

  #giveBack(name: string): void {
    const uses = (this.#uses.get(name) ?? 0) - 1;
    if (uses > 0) {
      this.#uses.set(name, uses);
      return;
    }
    this.#uses.delete(name);
    this.#waiting.get(name)?.();
    this.#waiting.delete(name);
  }
}
