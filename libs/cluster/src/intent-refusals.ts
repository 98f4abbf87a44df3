import { type Id, type Intent, SILENCE_LONGEST_ms } from '@guaita/model';
import { isBelievable, LEAP_MOST } from './believable.ts';
import { STAMP_AHEAD_ms } from './hlc.ts';
import { intentKey, type Intents } from './intents.ts';

const DAY_ms = 24 * 3_600_000;

/**
 * Intents that are taken from others, deletions too: five times the devices that one host can ping at the default
 * interval (docs/benchmarks.md). Each is about a kilobyte; whoever makes them up must not fill the memory.
 */
export const INTENTS_LIMIT = 500_000;

/** Whether a silence lasts longer than any may, counted from when it was said: no clock of ours decides that. */
export function isTooLong({ silence, stamp }: Extract<Intent, { kind: 'silence' }>): boolean {
  return silence !== undefined && Date.parse(silence.until) > stamp.at_ms + SILENCE_LONGEST_ms + STAMP_AHEAD_ms;
}

/**
 * Whether an alert is said to be acknowledged at a time that was yet to come then: it would count for each event that
 * bears the same id until that time, and for ever be too new to be withdrawn.
 */
export function isTooEarly({ acknowledgement, stamp }: Extract<Intent, { kind: 'acknowledgement' }>): boolean {
  return acknowledgement !== undefined && Date.parse(acknowledgement.at) > stamp.at_ms + STAMP_AHEAD_ms;
}

/** What others say that operators intend, and that is not taken: it was made up, or there is no room for it. */
export class IntentRefusals {
  readonly #intents: Pick<Intents, 'size' | 'find'>;
  #tooLong: Id | undefined;
  #tooEarly: Id | undefined;
  #beyond: { readonly subject: Id; readonly incarnation: number } | undefined;
  /** The first for which there was no room. */
  #leftOut: string | undefined;

  constructor(intents: Pick<Intents, 'size' | 'find'>) {
    this.#intents = intents;
  }

  /** Every monitor refuses the same forgets, silences and acknowledgements, whatever it knows: else copies would differ for ever. */
  refuses(intent: Intent): boolean {
    if (intent.kind === 'forget' && !isBelievable(intent.incarnation, 0)) {
      this.#beyond = intent;
      return true;
    }
    if (intent.kind === 'silence' && isTooLong(intent)) {
      this.#tooLong = intent.subject;
      return true;
    }
    if (intent.kind === 'acknowledgement' && isTooEarly(intent)) {
      this.#tooEarly = intent.subject;
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
    if (this.#tooLong !== undefined)
      return (
        `the silence "${this.#tooLong}" is not followed, for it would last longer than the ${SILENCE_LONGEST_ms / DAY_ms} ` +
        'days that any may: find who makes it up'
      );
    if (this.#tooEarly !== undefined)
      return (
        `that alert "${this.#tooEarly}" is acknowledged is not followed, for that is said of a time that is yet to come: ` +
        'find who makes it up'
      );
    if (this.#beyond === undefined) return undefined;
    const { subject, incarnation } = this.#beyond;
    return (
      `that "${subject}" is to be forgotten up to incarnation ${incarnation} is not followed, for no monitor starts more ` +
      `than ${LEAP_MOST} times and it could never come back: find who makes it up`
    );
  }
}
