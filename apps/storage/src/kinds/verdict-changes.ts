import type { Id, Verdict } from '@guaita/model';

/**
 * Tells which verdicts are news: they are said again whenever a vote in them changes, and only a state that begins is kept.
 * Forgets nothing but what is gone from the inventory, so it is as large as that.
 */
export class VerdictChanges {
  readonly #last = new Map<Id, string>();

  /** Whether the device’s state, or when it began, differs from what was heard of it before. */
  isNew(device: Id, { state, since }: Pick<Verdict, 'state' | 'since'>): boolean {
    const now = `${state} ${since}`;
    if (this.#last.get(device) === now) return false;
    this.#last.set(device, now);
    return true;
  }

  /** The device is gone from the inventory. */
  forget(device: Id): void {
    this.#last.delete(device);
  }
}
