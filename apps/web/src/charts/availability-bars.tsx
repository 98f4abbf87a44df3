import type { JSX } from 'preact';
import type { PeriodAvailability } from '../history/availability.ts';
import { percent } from '../units/figures.ts';
import { duration } from '../units/times.ts';

export interface AvailabilityBarsProps {
  readonly periods: readonly PeriodAvailability[];
  readonly per: 'day' | 'month';
  readonly label: string;
}

/** What is below is a bad day; an hour and a quarter of it, or less, is a short outage. */
const SHORT_percent = 95;

const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const MONTH = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** A bar for each day or month: height, too, tells what was amiss. */
export function AvailabilityBars({ periods, per, label }: AvailabilityBarsProps): JSX.Element {
  return (
    <ol class="bars" aria-label={label}>
      {periods.map((period) => (
        <li key={period.from_ms} class={`bar bar-${kindOf(period)}`} title={wordsOf(period, per)}>
          <span class="unseen">{wordsOf(period, per)}</span>
        </li>
      ))}
    </ol>
  );
}

function kindOf({ percent: part, down_s }: PeriodAvailability): 'none' | 'up' | 'short' | 'long' {
  if (part === null) return 'none';
  if (down_s === 0) return 'up';
  return part >= SHORT_percent ? 'short' : 'long';
}

function wordsOf({ from_ms, percent: part, down_s }: PeriodAvailability, per: 'day' | 'month'): string {
  const when = (per === 'day' ? DAY : MONTH).format(from_ms);
  return part === null
    ? `${when}: nothing known`
    : `${when}: ${percent(part)}${down_s > 0 ? `, ${downInWords(down_s)}` : ''}`;
}

/** For how long something was down. */
export function downInWords(down_s: number): string {
  return `down for ${duration(down_s * 1000)}`;
}
