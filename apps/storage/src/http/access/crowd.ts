import { HttpProblem } from '../problem.ts';

/** Ten wall displays that share a token, each with all the connections that a browser makes to a host. */
const AT_ONCE_MOST = 64;

/**
 * Counts the requests of each visitor that are being answered: history answers one after the other, so whoever asks for
 * hundreds at once would have all others wait for half a minute.
 */
export class Crowd {
  readonly #asking = new Map<string, number>();

  /**
   * One more of somebody. What it gives is to be called once, when that has been answered.
   *
   * @throws {HttpProblem} 429 when so many are being answered already.
   */
  enter(name: string): () => void {
    const asking = this.#asking.get(name) ?? 0;
    if (asking >= AT_ONCE_MOST)
      throw new HttpProblem(
        429,
        `${AT_ONCE_MOST} requests of "${name}" are being answered; ask again when one has been`,
        {
          'retry-after': '1',
        },
      );
    this.#asking.set(name, asking + 1);
    return () => {
      const left = (this.#asking.get(name) ?? 1) - 1;
      if (left === 0) this.#asking.delete(name);
      else this.#asking.set(name, left);
    };
  }
}
