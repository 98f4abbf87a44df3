import { z } from 'zod';
import { Timestamp } from './time.ts';

/** What one monitor holds of a device after its own confirmation. `unknown`: not (yet) able to tell. */
export const ProbeState = z.enum(['up', 'down', 'unknown']);
export type ProbeState = z.infer<typeof ProbeState>;

const milliseconds = z.number().min(0);

/** What one monitor saw in one ping probe of one device. */
export const PingObservation = z.object({
  at: Timestamp.describe('when the probe ended'),
  address: z.string().nullable().describe('the address probed; null when a name had none'),
  sent: z.int().min(0),
  received: z.int().min(0),
  loss_percent: z.number().min(0).max(100).nullable().describe('null when nothing was sent'),
  rtt_min_ms: milliseconds.nullable(),
  rtt_avg_ms: milliseconds.nullable(),
  rtt_max_ms: milliseconds.nullable(),
  jitter_ms: milliseconds.nullable().describe('mean difference of successive round trips; null below two replies'),
  state: ProbeState.describe('as this monitor sees it, after its confirmation'),
  reason: z.string().optional().describe('why it is down or unknown'),
});
export type PingObservation = z.infer<typeof PingObservation>;

/**
 * Sums up the round-trip times of one probe.
 *
 * Jitter is the mean absolute difference of successive round trips (the IPDV of RFC 3393 §2, over round trips).
 *
 * @param rtts_ms one entry for each request sent, in order; `null` where no reply came.
 */
export function summariseRtts(
  rtts_ms: readonly (number | null)[],
): Pick<
  PingObservation,
  'sent' | 'received' | 'loss_percent' | 'rtt_min_ms' | 'rtt_avg_ms' | 'rtt_max_ms' | 'jitter_ms'
> {
  let received = 0;
  let min = Infinity;
  let max = 0;
  let sum = 0;
  let previous: number | undefined;
  let differences = 0;
  for (const rtt of rtts_ms) {
    if (rtt === null) continue;
    received += 1;
    sum += rtt;
    if (rtt < min) min = rtt;
    if (rtt > max) max = rtt;
    if (previous !== undefined) differences += Math.abs(rtt - previous);
    previous = rtt;
  }
  const sent = rtts_ms.length;
  return {
    sent,
    received,
    loss_percent: sent === 0 ? null : thousandths(((sent - received) / sent) * 100),
    rtt_min_ms: received === 0 ? null : thousandths(min),
    rtt_avg_ms: received === 0 ? null : thousandths(sum / received),
    rtt_max_ms: received === 0 ? null : thousandths(max),
    jitter_ms: received < 2 ? null : thousandths(differences / (received - 1)),
  };
}

/** Three decimals: fping measures no finer than that, and payloads stay short. */
function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
