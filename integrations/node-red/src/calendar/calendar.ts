import ICAL from 'ical.js';
import { createHash } from 'node:crypto';
import { shown } from '../shown.ts';
import { refusalOfRule } from './repeats.ts';
import { zoneNamed } from './zones.ts';

/** What a time of an event is; the library’s own types of it cannot be resolved. */
interface Details {
  readonly item: ICAL.Event;
  readonly startDate: ICAL.Time;
  readonly endDate: ICAL.Time;
}

/** One time of an event, as it is in the calendar. */
export interface Occurrence {
  /** Of this time of this event, equal each time the calendar is read, also when its end or its words have changed. */
  readonly id: string;
  readonly uid: string;
  readonly title: string;
  readonly place: string;
  readonly categories: readonly string[];
  /** ISO 8601, UTC. */
  readonly begin: string;
  readonly end: string;
}

export interface GoingOn {
  /** By their beginning. */
  readonly occurrences: readonly Occurrence[];
  /** What could not be understood, in words. */
  readonly passedOver: readonly string[];
}

/** Something that is no iCalendar. */
export class NoCalendarError extends Error {
  override readonly name = 'NoCalendarError';
}

/** A time zone that is none. */
export class ZoneError extends Error {
  override readonly name = 'ZoneError';
}

export interface Asked {
  /** What begins so much later counts, too. */
  readonly ahead_ms: number;
  /** Of times that bear no zone (all-day events) where the calendar names none: `Europe/Madrid`. */
  readonly zone: string;
}

/** So many times of one event are gone through, each 0.1 ms of a slow host’s time or less: 27 years of days. */
const TIMES_MOST = 10_000;
/** “This and all that follow” may be put forward by so much, and be found all the same. */
const SHIFT_MOST_ms = 31 * 86_400_000;

/**
 * What is going on, as an iCalendar says it: events with their zones, repeated ones with what was taken out of them and
 * what was moved, all-day ones.
 *
 * @param text RFC 5545.
 * @param now_ms milliseconds since 1970.
 * @throws {NoCalendarError} when it is no iCalendar.
 * @throws {ZoneError} when the zone asked for is none.
 */
export function goingOn(text: unknown, now_ms: number, { ahead_ms, zone }: Asked): GoingOn {
  const found = new Map<string, Occurrence>();
  const passedOver: string[] = [];
  for (const calendar of calendarsIn(text)) {
    const named = String(calendar.getFirstPropertyValue('x-wr-timezone') ?? '');
    const floating = zoneNamed(named) ?? zoneNamed(zone);
    if (floating === undefined) throw new ZoneError(`no time zone is called ${shown(zone)}: give one as Europe/Madrid`);
    const moment_ms = (time: ICAL.Time): number => momentOf(time, floating);
    const events = calendar.getAllSubcomponents('vevent');
    // Before any time is looked at: an event's exceptions bear zones of their own.
    const unknown = new Set(events.flatMap(zonesOf).filter((tzid) => !isKnown(calendar, tzid)));
    for (const component of events) {
      try {
        for (const tzid of zonesOf(component)) {
          if (unknown.has(tzid)) throw new Error(`its zone ${shown(tzid)} is neither described nor known here`);
        }
        const times = { from_ms: now_ms, to_ms: now_ms + ahead_ms, moment_ms };
        for (const each of occurrencesOf(component, events, times)) found.set(each.id, each);
      } catch (error) {
        passedOver.push(`${nameOf(component)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  const occurrences = [...found.values()].sort((one, other) => (one.begin < other.begin ? -1 : 1));
  return { occurrences, passedOver };
}

function calendarsIn(text: unknown): ICAL.Component[] {
  try {
    const parsed = ICAL.parse(String(text)) as [] | [string] | [[string]];
    const all = (Array.isArray(parsed[0]) ? parsed : [parsed]).map((each) => new ICAL.Component(each as [string]));
    if (all.length > 0 && all.every(({ name }) => name === 'vcalendar')) return all;
  } catch (error) {
    throw new NoCalendarError(`${shown(text)} is no iCalendar: ${(error as Error).message}`, { cause: error });
  }
  throw new NoCalendarError(`${shown(text)} is no iCalendar: it should begin with BEGIN:VCALENDAR`);
}

interface Times {
  /** Milliseconds since 1970: what ends later … */
  readonly from_ms: number;
  /** … and has begun by then. */
  readonly to_ms: number;
  readonly moment_ms: (time: ICAL.Time) => number;
}

/** The times of an event that touch a span of time. */
function* occurrencesOf(
  component: ICAL.Component,
  all: readonly ICAL.Component[],
  { from_ms, to_ms, moment_ms }: Times,
): Generator<Occurrence> {
  const uid = component.getFirstPropertyValue('uid');
  const isException = component.hasProperty('recurrence-id');
  const related = all.filter(
    (each) => each.hasProperty('recurrence-id') && each.getFirstPropertyValue('uid') === uid && !isException,
  );
  const event = new ICAL.Event(component, { exceptions: related });
  if (!component.hasProperty('dtstart')) throw new Error('it has no DTSTART');
  if (isException || !event.isRecurring()) {
    const { startDate: start, endDate: end } = event;
    yield* occurrence(event, isException ? event.recurrenceId : start, start, end);
    return;
  }
  for (const rule of component.getAllProperties('rrule')) {
    const recur = rule.getFirstValue() as unknown as ICAL.Recur;
    const refusal = refusalOfRule(recur);
    if (refusal !== undefined) throw new Error(refusal);
    // Some write a day where a time is due, and mean that day, too.
    if (recur.until?.isDate && !event.startDate.isDate) recur.until = endOfDay(recur.until, event.startDate.zone);
  }
  const times = event.iterator();
  for (let n = 0; n < TIMES_MOST; n += 1) {
    const next = times.next() as ICAL.Time | null | undefined;
    if (next === null || next === undefined || moment_ms(next) > to_ms + SHIFT_MOST_ms) return;
    const { item, startDate, endDate } = event.getOccurrenceDetails(next) as Details;
    yield* occurrence(item, next, startDate, endDate);
  }
  throw new Error(`it has been more than ${TIMES_MOST} times: begin it anew`);

  function* occurrence(item: ICAL.Event, was: ICAL.Time, start: ICAL.Time, end: ICAL.Time): Generator<Occurrence> {
    const [begin_ms, end_ms] = [moment_ms(start), moment_ms(end)];
    if (begin_ms > to_ms || end_ms <= from_ms) return;
    if (item.component.getFirstPropertyValue('status') === 'CANCELLED') return;
    yield {
      id: createHash('sha256')
        .update(`${String(uid)} ${moment_ms(was)}`)
        .digest('hex')
        .slice(0, 16),
      ...{ uid: String(uid), title: item.summary ?? '', place: item.location ?? '' },
      categories: item.component.getAllProperties('categories').flatMap((each) => each.getValues().map(String)),
      ...{ begin: new Date(begin_ms).toISOString(), end: new Date(end_ms).toISOString() },
    };
  }
}

/** @returns milliseconds since 1970. */
function momentOf(time: ICAL.Time, floating: ICAL.Timezone): number {
  if (!time.isDate && time.zone !== ICAL.Timezone.localTimezone) return time.toUnixTime() * 1000;
  const { year, month, day, hour, minute, second } = time;
  return new ICAL.Time({ year, month, day, hour, minute, second, isDate: false }, floating).toUnixTime() * 1000;
}

function endOfDay({ year, month, day }: ICAL.Time, zone: ICAL.Timezone): ICAL.Time {
  return new ICAL.Time({ year, month, day, hour: 23, minute: 59, second: 59, isDate: false }, zone);
}

/** The zones that an event names. */
function zonesOf(component: ICAL.Component): string[] {
  return component.getAllProperties().flatMap((each) => each.getFirstParameter('tzid') ?? []);
}

/** Tells whether a calendar describes a zone; or else lets it be found by its name. */
function isKnown(calendar: ICAL.Component, tzid: string): boolean {
  if (calendar.getTimeZoneByID(tzid) !== null) return true;
  const zone = zoneNamed(tzid);
  if (zone !== undefined) ICAL.TimezoneService.register(zone, tzid);
  return zone !== undefined;
}

function nameOf(component: ICAL.Component): string {
  return String(component.getFirstPropertyValue('summary') ?? component.getFirstPropertyValue('uid') ?? 'an event');
}
