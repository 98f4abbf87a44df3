/** By so much a value moves it at the least: a round trip that has doubled is the usual one after some 700 probes. */
const SMALLEST_STEP = 0.001;
/** With the median of so many it begins, so that it does not begin with a spike. */
const FIRST = 9;
/** Until so many values were seen nobody knows what is usual. */
export const KNOWN_AFTER = 60;

/** Its count, the logarithm of its median, and of its spread. */
type Kept = [count: number, ln: number, spread: number];

/**
 * What is usual of round trips: their median over some thousand probes and the median of their distance from it, in three
 * numbers and no memory of values. Each value moves either by one step towards itself, in the logarithm: by 1/n at first,
 * later by one in a thousand. That is Robbins and Monro's stochastic approximation of a quantile (1951; for medians,
 * Tierney 1983), with a step that does not end, so that the far past is forgotten. How far a value is out does not matter:
 * a spike moves it no more than anything above.
 */
export class Baseline {
  #first: number[] | undefined = [];
  #count = 0;
  #ln = 0;
  #spread = 0;

  /** @param kept as `kept` gave it. */
  constructor(kept?: Kept) {
    if (kept === undefined) return;
    this.#first = undefined;
    [this.#count, this.#ln, this.#spread] = kept;
  }

  /** The three numbers, for who goes on with them later; `undefined` while there is hardly anything to go on with. */
  get kept(): Kept | undefined {
    if (this.#first !== undefined) return undefined;
    return [Math.min(this.#count, 1 / SMALLEST_STEP), rounded(this.#ln), rounded(this.#spread)];
  }

  get isKnown(): boolean {
    return this.#count >= KNOWN_AFTER;
  }

  /** The median in milliseconds. */
  get usual_ms(): number {
    return Math.exp(this.#ln);
  }

  /** How far from the median half of the values are, as a factor; 1: all are alike. */
  get spread(): number {
    return Math.exp(this.#spread);
  }

  /** Takes a round trip of more than 0 ms. */
  note(rtt_ms: number): void {
    const ln = Math.log(rtt_ms);
    this.#count += 1;
    if (this.#first !== undefined) {
      this.#first.push(ln);
      this.#ln = this.#first.sort((a, b) => a - b)[Math.floor(this.#first.length / 2)] ?? ln;
      if (this.#first.length >= FIRST) this.#first = undefined;
      return;
    }
    const step = Math.max(SMALLEST_STEP, 1 / this.#count);
    const distance = Math.abs(ln - this.#ln);
    this.#spread = Math.max(0, this.#spread + step * Math.sign(distance - this.#spread));
    this.#ln += Math.sign(ln - this.#ln) * Math.min(step, distance);
  }
}

/** To a hundredth of a percent: a step is ten times that. */
function rounded(ln: number): number {
  return Math.round(ln * 10_000) / 10_000;
}
