/** How many probes of one monitor are kept: what a spark line of a hundred pixels can show. */
export const SAMPLES_KEPT = 40;

/** One probe, as far as the page draws it. */
export interface Sample {
  readonly at_ms: number;
  /** `NaN` where no reply came. */
  readonly rtt_ms: number;
  readonly loss_percent: number;
}

/** Most devices have been heard once when the page opens: room for all is made when they have been heard for a while. */
const ROOM_AT_FIRST = 8;
/** Of a sample in the array. */
const FIELDS = 3;

/** The newest probes of one device by one monitor, oldest first. Made small: there are tens of thousands of them. */
export class Samples {
  #values = new Float64Array(ROOM_AT_FIRST * FIELDS);
  #length = 0;
  #next = 0;

  get length(): number {
    return this.#length;
  }

  get #room(): number {
    return this.#values.length / FIELDS;
  }

  /** Adds a probe; one that is not newer than the last is passed over, since retained messages come again. */
  add({ at_ms, rtt_ms, loss_percent }: Sample): void {
    if (this.#length > 0 && at_ms <= this.at(this.#length - 1).at_ms) return;
    // Until it is full for good nothing has been overwritten, so all stands in order.
    if (this.#length === this.#room && this.#room < SAMPLES_KEPT) {
      const more = new Float64Array(SAMPLES_KEPT * FIELDS);
      more.set(this.#values);
      this.#values = more;
      this.#next = this.#length;
    }
    this.#values.set([at_ms, rtt_ms, loss_percent], this.#next * FIELDS);
    this.#next = (this.#next + 1) % this.#room;
    this.#length = Math.min(this.#length + 1, this.#room);
  }

  /** @param index 0 is the oldest. */
  at(index: number): Sample {
    const place = ((this.#next - this.#length + index + this.#room) % this.#room) * FIELDS;
    return { at_ms: this.#values[place]!, rtt_ms: this.#values[place + 1]!, loss_percent: this.#values[place + 2]! };
  }

  *[Symbol.iterator](): Generator<Sample> {
    for (let index = 0; index < this.#length; index += 1) yield this.at(index);
  }
}
