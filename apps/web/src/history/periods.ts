import type { Seconds } from './use-span.ts';

const DAY_ms = 86_400_000;

/** What a report is about: which days or months. */
export const PERIODS = {
  '30d': 'The last 30 days',
  month: 'This month',
  'last-month': 'Last month',
  '12mo': 'The last 12 months',
} as const;
export type Period = keyof typeof PERIODS;

export interface PeriodSpan extends Seconds {
  readonly per: 'day' | 'month';
}

/** From when to when it goes, in days and months of UTC, as the history has them. It stays the same for a day. */
export function spanOfPeriod(period: Period, now_ms: number): PeriodSpan {
  const now = new Date(now_ms);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const tomorrow_ms = Math.floor(now_ms / DAY_ms) * DAY_ms + DAY_ms;
  const span = (from_ms: number, to_ms: number, per: PeriodSpan['per']): PeriodSpan => {
    return { from_s: from_ms / 1000, to_s: to_ms / 1000, per };
  };
  switch (period) {
    case '30d':
      return span(tomorrow_ms - 30 * DAY_ms, tomorrow_ms, 'day');
    case 'month':
      return span(Date.UTC(year, month, 1), tomorrow_ms, 'day');
    case 'last-month':
      return span(Date.UTC(year, month - 1, 1), Date.UTC(year, month, 1), 'day');
    case '12mo':
      return span(Date.UTC(year, month - 11, 1), tomorrow_ms, 'month');
  }
}
