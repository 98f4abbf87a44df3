/** Does one thing after the other, whatever becomes of the one before. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Begins once all that was given before has ended. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work, work);
    this.#last = result;
    return result;
  }
}
