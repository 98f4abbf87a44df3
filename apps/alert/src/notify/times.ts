/** The days of a week as people write them, in the order of their numbers. */
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const HOUR_min = 60;
const DAY_min = 24 * HOUR_min;
const MINUTE_ms = 60_000;

const WINDOW = /^(?:(?<days>[a-z,-]+) )?(?<from>\d\d:\d\d)-(?<to>\d\d:\d\d)$/;

/** A time of day on some days of the week. */
export interface TimeWindow {
  /** Those on which it begins; Monday is 0. */
  readonly days: ReadonlySet<number>;
  readonly from_min: number;
  /** How long it lasts; beyond midnight it goes on into the next day. */
  readonly length_min: number;
}

/** Reads `mon-fri 08:00-18:00`, `sat,sun 10:00-23:00`, `22:00-06:00`; `undefined` when it is none of these. */
export function readTimeWindow(text: string): TimeWindow | undefined {
  const { days: dayText, from: fromText = '', to: toText = '' } = WINDOW.exec(text)?.groups ?? {};
  const [from, to] = [minutesOf(fromText), minutesOf(toText)];
  const days = dayText === undefined ? DAYS.map((_, day) => day) : daysOf(dayText);
  if (from === undefined || to === undefined || from === DAY_min || days === undefined) return undefined;
  return { days: new Set(days), from_min: from, length_min: to > from ? to - from : to - from + DAY_min };
}

/** When a receiver may be told something: in any of some windows of local time. */
export class Times {
  readonly #windows: readonly TimeWindow[];
  readonly #format: Intl.DateTimeFormat;

  /** @param zone an IANA time zone; this host's own when left out. */
  constructor(windows: readonly TimeWindow[], zone?: string) {
    this.#windows = windows;
    this.#format = new Intl.DateTimeFormat('en-GB', {
      ...{ weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
      ...(zone === undefined ? {} : { timeZone: zone }),
    });
  }

  /** For how long it has been such a time; `undefined` while it is not. The minute that runs counts as begun before. */
  openFor_ms(wall_ms: number): number | undefined {
    if (this.#windows.length === 0) return Infinity;
    const { day, minute } = this.#local(wall_ms);
    const ages = this.#windows.flatMap(({ days, from_min, length_min }) => {
      const today = minute - from_min;
      const yesterday = today + DAY_min;
      if (today >= 0 && today < length_min && days.has(day)) return [today];
      return yesterday < length_min && days.has((day + DAYS.length - 1) % DAYS.length) ? [yesterday] : [];
    });
    return ages.length === 0 ? undefined : Math.max(...ages) * MINUTE_ms + (wall_ms % MINUTE_ms);
  }

  /** Until it may be another time: the next minute. */
  changesIn_ms(wall_ms: number): number {
    return MINUTE_ms - (wall_ms % MINUTE_ms);
  }

  #local(wall_ms: number): { readonly day: number; readonly minute: number } {
    const parts = new Map(this.#format.formatToParts(wall_ms).map(({ type, value }) => [type, value]));
    const day = DAYS.findIndex((each) => each === parts.get('weekday')?.toLowerCase());
    return { day, minute: Number(parts.get('hour')) * HOUR_min + Number(parts.get('minute')) };
  }
}

/** Tells whether there is a time zone of that name. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** `mon-fri`, `sat,sun`, `fri-mon,wed`. */
function daysOf(text: string): number[] | undefined {
  const days: number[] = [];
  for (const part of text.split(',')) {
    const [first = '', last = first, ...rest] = part.split('-');
    const [from, to] = [first, last].map((day) => DAYS.findIndex((each) => each === day));
    if (from === undefined || to === undefined || from < 0 || to < 0 || rest.length > 0) return undefined;
    for (let day = from; ; day = (day + 1) % DAYS.length) {
      days.push(day);
      if (day === to) break;
    }
  }
  return days;
}

/** Minutes since midnight, up to `24:00`. */
function minutesOf(text: string): number | undefined {
  const [hours = NaN, minutes = NaN] = text.split(':').map(Number);
  const sum = hours * HOUR_min + minutes;
  return minutes < HOUR_min && sum <= DAY_min ? sum : undefined;
}
