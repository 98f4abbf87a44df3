import type { DeviceRow, Seen } from './rows.ts';

/** What the page shows of a device's probes where there is room for one figure. */
export interface Figures {
  /** The monitor whose probes the spark line shows: the first that watches it and has measured. */
  readonly seen: Seen | undefined;
  readonly monitor: string | undefined;
  /** Mean over the monitors that watch it and got replies. */
  readonly rtt_ms: number | undefined;
  /** Mean over the monitors that watch it. */
  readonly loss_percent: number | undefined;
}

/** The newest figures of a device over all monitors that watch it now. */
export function figuresOf(row: DeviceRow): Figures {
  const monitors = row.spec?.monitors ?? [];
  let rtts = 0;
  let rttSum = 0;
  let losses = 0;
  let lossSum = 0;
  let first: Seen | undefined;
  let monitor: string | undefined;
  for (const name of monitors.length > 0 ? monitors : row.seen.keys()) {
    const seen = row.seen.get(name);
    if (seen === undefined) continue;
    if (first === undefined) [first, monitor] = [seen, name];
    if (seen.rtt_ms !== undefined) {
      rtts += 1;
      rttSum += seen.rtt_ms;
    }
    if (seen.loss_percent !== undefined) {
      losses += 1;
      lossSum += seen.loss_percent;
    }
  }
  return {
    ...{ seen: first, monitor },
    rtt_ms: rtts === 0 ? undefined : rttSum / rtts,
    loss_percent: losses === 0 ? undefined : lossSum / losses,
  };
}
