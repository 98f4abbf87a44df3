import { Cron } from 'croner';

/** Windows that follow each other without a gap are one. Who needs more of them than this needs longer ones. */
const WITHOUT_GAP_MOST = 1000;

/** When something begins, by the clock of a place: five fields, as crontab has them. */
export interface Recurrence {
  readonly cron: string;
  /** Of the IANA time zone database: `Europe/Madrid`. */
  readonly timezone: string;
}

/** Why a recurrence cannot be followed, and the mend. */
export class RecurrenceError extends Error {
  override readonly name = 'RecurrenceError';
}

/**
 * Windows of a length that come again and again. They begin by the clock of a place, also where that skips an hour (then
 * with the first moment after it) or has one twice (then once), and last as long as they say whatever that clock does.
 */
export class Schedule {
  readonly #cron: Cron;
  readonly #duration_ms: number;

  /** @throws {RecurrenceError} when the expression or the time zone is none, or the moment never comes. */
  constructor({ cron, timezone }: Recurrence, duration_ms: number) {
    this.#duration_ms = duration_ms;
    const what = `${JSON.stringify(cron)} in ${JSON.stringify(timezone)}`;
    let first_ms: number | undefined;
    try {
      // To the library a text with a colon is a date.
      if (cron.includes(':')) throw new TypeError('it has a colon');
      this.#cron = new Cron(cron, { timezone, mode: '5-part' });
      first_ms = this.next_ms(0);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.replace(/^Cron\w*: /, '') : String(cause);
      const mend = 'give one like "0 3 * * sun" in "Europe/Madrid"';
      throw new RecurrenceError(`${what} is no time that recurs (${why}); ${mend}`, { cause });
    }
    if (first_ms === undefined)
      throw new RecurrenceError(`${what} never comes, as there is no such day; give one like "0 3 * * sun"`);
    if (this.#chain(first_ms).length > WITHOUT_GAP_MOST)
      throw new RecurrenceError(
        `${what} comes again before it ends, and again; give a shorter duration, or a rarer time`,
      );
  }

  /** When the window ends that is open at a moment; `undefined` when none is. */
  until_ms(wall_ms: number): number | undefined {
    const begin_ms = this.next_ms(wall_ms - this.#duration_ms);
    if (begin_ms === undefined || begin_ms > wall_ms) return undefined;
    return (this.#chain(begin_ms).at(-1) ?? begin_ms) + this.#duration_ms;
  }

  /** When a window begins next after a moment; `undefined`: never. */
  next_ms(wall_ms: number): number | undefined {
    return this.#cron.nextRun(new Date(wall_ms))?.getTime();
  }

  /** When the windows begin that follow one without a gap, that one first. */
  #chain(begin_ms: number): number[] {
    const begins = [begin_ms];
    for (let last_ms = begin_ms; begins.length <= WITHOUT_GAP_MOST;) {
      const next_ms = this.next_ms(last_ms);
      if (next_ms === undefined || next_ms > last_ms + this.#duration_ms) break;
      begins.push(next_ms);
      last_ms = next_ms;
    }
    return begins;
  }
}
