/** How many probes of one monitor are kept: what a spark line of a hundred pixels can show. */
export const SAMPLES_KEPT = 40;

/** One probe, as far as the page draws it. */
export interface Sample {
  readonly at_ms: number;
  /** `NaN` where no reply came. */
  readonly rtt_ms: number;
  readonly loss_percent: number;
}

/** The newest probes of one device by one monitor, oldest first. Made small: there are tens of thousands of them. */
export class Samples {
  #at = new Float64Array(1);
  #rtt = new Float32Array(1);
  #loss = new Uint8Array(1);
  #length = 0;
  #next = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a probe; one that is not newer than the last is passed over, since retained messages come again. */
  add({ at_ms, rtt_ms, loss_percent }: Sample): void {
    if (this.#length > 0 && at_ms <= this.at(this.#length - 1).at_ms) return;
    if (this.#length === this.#at.length && this.#length < SAMPLES_KEPT) this.#grow();
    this.#at[this.#next] = at_ms;
    this.#rtt[this.#next] = rtt_ms;
    this.#loss[this.#next] = loss_percent;
    this.#next = (this.#next + 1) % this.#at.length;
    this.#length = Math.min(this.#length + 1, this.#at.length);
  }

  /** @param index 0 is the oldest. */
  at(index: number): Sample {
    const place = (this.#next - this.#length + index + this.#at.length) % this.#at.length;
    return { at_ms: this.#at[place]!, rtt_ms: this.#rtt[place]!, loss_percent: this.#loss[place]! };
  }

  *[Symbol.iterator](): Generator<Sample> {
    for (let index = 0; index < this.#length; index += 1) yield this.at(index);
  }

  /** Most devices have been heard once when the page opens: room is made as they are heard again. */
  #grow(): void {
    const kept = [...this];
    const room = Math.min(SAMPLES_KEPT, Math.max(8, this.#at.length * 2));
    this.#at = new Float64Array(room);
    this.#rtt = new Float32Array(room);
    this.#loss = new Uint8Array(room);
    for (const [index, sample] of kept.entries()) {
      this.#at[index] = sample.at_ms;
      this.#rtt[index] = sample.rtt_ms;
      this.#loss[index] = sample.loss_percent;
    }
    this.#next = kept.length;
  }
}
