import type { Id, Intent } from '@guaita/model';
import { isBelievable, LEAP_MOST } from './believable.ts';
import { intentKey, type Intents } from './intents.ts';

/**
 * Intents that are taken from others, deletions too: five times the devices that one host can ping at the default
 * interval (docs/benchmarks.md). Each is about a kilobyte; whoever makes them up must not fill the memory.
 */
export const INTENTS_LIMIT = 500_000;

/** What others say that operators intend, and that is not taken: it was made up, or there is no room for it. */
export class IntentRefusals {
  readonly #intents: Pick<Intents, 'size' | 'find'>;
  #beyond: { readonly subject: Id; readonly incarnation: number } | undefined;
  /** The first for which there was no room. */
  #leftOut: string | undefined;

  constructor(intents: Pick<Intents, 'size' | 'find'>) {
    this.#intents = intents;
  }

  /** Every monitor refuses the same forgets, whatever it knows: else copies would differ for ever. */
  refuses(intent: Intent): boolean {
    if (intent.kind === 'forget' && !isBelievable(intent.incarnation, 0)) {
      this.#beyond = intent;
      return true;
    }
    if (this.#intents.size < INTENTS_LIMIT) {
      this.#leftOut = undefined;
      return false;
    }
    if (this.#intents.find(intent) !== undefined) return false;
    this.#leftOut ??= intentKey(intent);
    return true;
  }

  /** What is not taken, and how it is mended. */
  get problem(): string | undefined {
    if (this.#leftOut !== undefined)
      return (
        `${INTENTS_LIMIT} changes are known, and "${this.#leftOut}" is passed over with all new ones that others say: ` +
        'find who makes them up'
      );
    if (this.#beyond === undefined) return undefined;
    const { subject, incarnation } = this.#beyond;
    return (
      `that "${subject}" is to be forgotten up to incarnation ${incarnation} is not followed, for no monitor starts more ` +
      `than ${LEAP_MOST} times and it could never come back: find who makes it up`
    );
  }
}
