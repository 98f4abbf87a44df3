import type { Id } from '@guaita/model';
import type { Span } from '../history.ts';
import type { Resolution } from '../rollup/resolution.ts';
import type { RolledKind } from '../rollup/rollup.ts';
import type { Table } from './table.ts';

/** By what devices, or their interfaces, can be bad. */
export const WORST_BY = ['loss', 'rtt', 'rtt_p95', 'in', 'out', 'errors'] as const;
export type WorstBy = (typeof WORST_BY)[number];

/** What happens: changes of verdicts, and alerts. */
export const EVENT_KINDS = ['verdict', 'alert'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface SeriesQuestion extends Span {
  readonly device: Id;
  readonly kind: RolledKind;
  /** The interface or sensor; all of them when left out. */
  readonly part?: string;
  readonly monitor?: Id;
  /** About how many points a monitor's line may have: it says which resolution will do. */
  readonly points: number;
}

/**
 * Points of a device. The first columns are `monitor`, `at` (of rollups, when the bucket begins) and, where the kind has
 * parts, `part`; then the figures, each with its unit in its name. In order of monitor, part and time.
 */
export interface Series extends Table {
  readonly resolution: Resolution;
}

export interface WorstQuestion extends Span {
  readonly by: WorstBy;
  readonly limit: number;
}

export interface AvailabilityQuestion extends Span {
  readonly devices: readonly Id[];
  readonly per: 'day' | 'month';
  /** Only so many that were up for the smallest part of the span, the worst first; all in their order when left out. */
  readonly worst?: number;
}

export interface SparksQuestion extends Span {
  readonly devices: readonly Id[];
}

export interface EventsQuestion extends Span {
  /** Of all devices when left out. */
  readonly device?: Id;
  /** Of all kinds when left out. */
  readonly kind?: EventKind;
  readonly limit: number;
}

/**
 * What the HTTP API asks of history. Each answers when its first row is at hand, and reads on as rows are taken; all
 * leave off when the signal aborts. An answer with no rows is one: nothing was seen.
 */
export interface HistoryQueries {
  series(question: SeriesQuestion, signal: AbortSignal): Promise<Series>;
  /** `device`, `at` (when each five minutes begin), `rtt_avg_ms`, `loss_percent`: over all monitors, in order of device and time. */
  sparks(question: SparksQuestion, signal: AbortSignal): Promise<Table>;
  /** `device`, `part` (of interfaces, else null), `monitor`, `value`, `count` (of measurements); the worst first. */
  worst(question: WorstQuestion, signal: AbortSignal): Promise<Table>;
  /**
   * `device`, `from`, `to`, `availability_percent`, `up_s`, `down_s`, `unknown_s`, `maintenance_s`: by verdicts, for each
   * device and day or month (UTC). Down are `down` and `unreachable`; what is unknown or maintenance does not count.
   */
  availability(question: AvailabilityQuestion, signal: AbortSignal): Promise<Table>;
  /** `at`, `kind`, `device`, `what` (a state, or the kind of an alert), `event` (`change`, `begin`, `end`), `severity`, `id`, `text`; the newest first. */
  events(question: EventsQuestion, signal: AbortSignal): Promise<Table>;
}
