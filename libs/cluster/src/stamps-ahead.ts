import type { Id, Intent } from '@guaita/model';
import type { Now } from './effect.ts';
import { compareStamps, isAhead } from './hlc.ts';
import { intentKey, type Intents } from './intents.ts';

/** Refused changes that are counted: whoever makes them up must not fill the memory. */
const REFUSED_LIMIT = 1_000;

/**
 * What is on disk with stamps that are ahead is said anew under right ones after this time. Before, it may be our clock
 * that is wrong: a host without a clock of its own begins in the past, and has the time from the network by then.
 */
const CLOCK_SET_ms = 600_000;

/** Intents whose stamps are too far ahead of the time: what others say so is refused until then, what we hold is mended. */
export class StampsAhead {
  readonly #self: Id;
  readonly #intents: Intents;
  readonly #refused = new Map<string, Intent>();
  /** What stands here with such a stamp: it was on disk, or takes the place of such. */
  readonly #kept = new Map<string, Intent>();
  #loaded_ms = 0;

  constructor(self: Id, intents: Intents) {
    this.#self = self;
    this.#intents = intents;
  }

  /** What was on disk is taken from now on. */
  load(now: Now): void {
    this.#loaded_ms = now.monotonic_ms;
  }

  /** Notes what is taken here though its stamp may be ahead. */
  keep(intent: Intent, { wall_ms }: Now): void {
    if (isAhead(intent.stamp, wall_ms)) this.#kept.set(intentKey(intent), intent);
  }

  /** Whether what others say is refused for now. */
  refuses(intent: Intent, { wall_ms }: Now): boolean {
    const isRefused = isAhead(intent.stamp, wall_ms);
    if (isRefused && this.#refused.size < REFUSED_LIMIT) this.#refused.set(intentKey(intent), intent);
    if (!isRefused && this.#refused.size > 0) this.#refused.delete(intentKey(intent));
    return isRefused;
  }

  /** What was refused and whose time has come. */
  come({ wall_ms }: Now): Intent[] {
    const come: Intent[] = [];
    for (const [key, intent] of this.#refused) {
      if (isAhead(intent.stamp, wall_ms)) continue;
      this.#refused.delete(key);
      come.push(intent);
    }
    return come;
  }

  /** What was said here while our clock was ahead, the oldest first: others refuse it as it is. */
  toRestamp({ monotonic_ms, wall_ms }: Now): readonly Intent[] {
    if (this.#kept.size === 0) return [];
    const ahead: Intent[] = [];
    for (const [key, kept] of this.#kept) {
      const intent = this.#intents.find(kept);
      if (intent === undefined || !isAhead(intent.stamp, wall_ms)) this.#kept.delete(key);
      else {
        this.#kept.set(key, intent);
        ahead.push(intent);
      }
    }
    // When what others said is ahead too it is our clock that is back, and what we hold is right as it is.
    const isOurs = ({ stamp }: Intent): boolean => stamp.writer === this.#self;
    if (monotonic_ms < this.#loaded_ms + CLOCK_SET_ms || !ahead.every(isOurs)) return [];
    if (![...this.#refused.values()].every(isOurs)) return [];
    return ahead.sort((a, b) => compareStamps(a.stamp, b.stamp));
  }

  /** It bears another stamp now. */
  restamped(intent: Intent): void {
    this.#kept.delete(intentKey(intent));
    this.#refused.delete(intentKey(intent));
  }

  /** What bears a stamp too far ahead, and how it is mended. */
  get problem(): string | undefined {
    const [refused] = this.#refused.values();
    const [kept] = this.#kept.values();
    if (refused !== undefined)
      return `${this.#refused.size} changes are refused, they are ${aheadOfTime(refused)}: set right the clock of that host, or of this one`;
    if (kept === undefined) return undefined;
    return (
      `${this.#kept.size} changes that are kept here are refused by others, they are ${aheadOfTime(kept)}: ` +
      'set right the clock of this host; what was entered at it is said anew after ten minutes'
    );
  }
}

function aheadOfTime(intent: Intent): string {
  const when = new Date(intent.stamp.at_ms).toISOString();
  return `stamped more than a day ahead of this host's clock; ${intentKey(intent)} was said at "${intent.stamp.writer}" at ${when}`;
}
