import ICAL from 'ical.js';

const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;
type Field = (typeof FIELDS)[number];

/** A zone by its name in the IANA database (`Europe/Madrid`), as this host's Node.js knows it. */
class NamedZone extends ICAL.Timezone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    super({ tzid: name });
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  /**
   * Seconds east of UTC at a time of this zone's clocks. One that they skip counts from the offset before (RFC 5545,
   * 3.3.5), one that comes twice is the first.
   */
  override utcOffset({ year, month, day, hour, minute, second }: Record<Field, number>): number {
    const wall_ms = Date.UTC(year, month - 1, day, hour, minute, second);
    // No clock is put forward or back twice within a day: the offsets before and after are all there are.
    const before_s = this.#offsetAt(wall_ms - 86_400_000);
    const after_s = this.#offsetAt(wall_ms + 86_400_000);
    const fits = [before_s, after_s].find((offset_s) => this.#offsetAt(wall_ms - offset_s * 1000) === offset_s);
    return fits ?? before_s;
  }

  #offsetAt(at_ms: number): number {
    const parts = new Map(this.#format.formatToParts(at_ms).map(({ type, value }) => [type, Number(value)]));
    const [year, month, day, hour, minute, second] = FIELDS.map((field) => parts.get(field) ?? 0);
    const shown_ms = Date.UTC(year!, month! - 1, day, hour, minute, second);
    return (shown_ms - Math.floor(at_ms / 1000) * 1000) / 1000;
  }
}

const known = new Map<string, ICAL.Timezone>();

/** The zone of that name; undefined when there is none. */
export function zoneNamed(name: string): ICAL.Timezone | undefined {
  const before = known.get(name);
  if (before !== undefined) return before;
  try {
    const zone = new NamedZone(name);
    known.set(name, zone);
    return zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The zone of this host. */
export function zoneOfHere(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
