import type { Day } from '../day.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { Part } from '../parts/part.ts';
import type { Batch } from '../recent/batch.ts';

/** All rows of a kind that are not sealed yet, each in one batch or part. */
export class Shelf {
  readonly kind: Kind<KindName>;
  /** The newest rows; the last may be open. */
  #batches: Batch[] = [];
  #parts: Part[];

  constructor(kind: Kind<KindName>, parts: readonly Part[]) {
    this.kind = kind;
    this.#parts = [...parts];
  }

  get batches(): readonly Batch[] {
    return this.#batches;
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Where new rows go; `undefined` where a new batch is to be begun. */
  get open(): Batch | undefined {
    const last = this.#batches.at(-1);
    return last === undefined || last.isClosed ? undefined : last;
  }

  /** Begins a batch; the one before gets no more rows. */
  begin(batch: Batch): void {
    this.close();
    this.#batches.push(batch);
  }

  close(): void {
    if (this.open !== undefined) this.open.isClosed = true;
  }

  get closed(): Batch[] {
    return this.#batches.filter(({ isClosed }) => isClosed);
  }

  /** The days of which all that is to come has come, and which are to be sealed. */
  daysBefore(today: Day): Day[] {
    const days = [...this.closed, ...this.#parts].map(({ day }) => day);
    return [...new Set(days)].filter((day) => day !== today).sort();
  }

  /** In one moment: these are gone, and the part, if any, is there. */
  replace(batches: readonly Batch[], parts: readonly Part[], by?: Part): void {
    this.#batches = this.#batches.filter((batch) => !batches.includes(batch));
    this.#parts = this.#parts.filter((part) => !parts.includes(part));
    if (by !== undefined) this.#parts.push(by);
  }
}
