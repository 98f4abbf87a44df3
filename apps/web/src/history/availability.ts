import { fields, moment, number, text } from '../network/read.ts';

/** For how long something was in which state; the percentage is of the time in which that was known. */
export interface Availability {
  readonly percent: number | null;
  readonly up_s: number;
  readonly down_s: number;
}

/** A day or a month of a device. */
export interface PeriodAvailability extends Availability {
  readonly from_ms: number;
}

export interface DeviceAvailability extends Availability {
  readonly device: string;
  readonly periods: readonly PeriodAvailability[];
}

/** Reads an answer of `GET /api/availability`: a device after the other, each over all its days or months. */
export function readAvailability(answer: unknown): DeviceAvailability[] {
  const rows: unknown = fields(answer)?.['availability'];
  const byDevice = new Map<string, PeriodAvailability[]>();
  for (const row of Array.isArray(rows) ? rows.map(fields) : []) {
    const device = text(row?.['device']);
    const from_ms = moment(row?.['from']);
    if (row === undefined || device === undefined || from_ms === undefined) continue;
    const periods = byDevice.get(device) ?? [];
    byDevice.set(device, periods);
    const { up_s, down_s } = row;
    periods.push({ from_ms, ...availabilityOf(number(up_s) ?? 0, number(down_s) ?? 0) });
  }
  return [...byDevice].map(([device, periods]) => {
    const sum = (key: 'up_s' | 'down_s'): number => periods.reduce((all, period) => all + period[key], 0);
    return { device, periods, ...availabilityOf(sum('up_s'), sum('down_s')) };
  });
}

function availabilityOf(up_s: number, down_s: number): Availability {
  const known_s = up_s + down_s;
  return { up_s, down_s, percent: known_s === 0 ? null : (up_s / known_s) * 100 };
}
