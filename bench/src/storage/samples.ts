import { encodeTimeSeries, REMOTE_WRITE_HEADERS, type TimeSeries } from '@guaita/storage/remote-write';
import { deviceId, MONITOR, REQUESTS, type Ping } from './pings.ts';

/**
 * What a store of samples keeps of a ping: whether the device was up, its loss, its mean round trip; less than a row of ours,
 * which has four figures of round trips.
 */
export const METRICS = ['guaita_ping_up', 'guaita_ping_loss_ratio', 'guaita_ping_rtt_seconds'] as const;

/** The labels of a device’s series of a metric, as our own export gives them. */
export function labelsOf(metric: (typeof METRICS)[number], device: number): Record<string, string> {
  return { __name__: metric, device: deviceId(device), job: 'guaita', monitor: MONITOR, site: 'home' };
}

/** The series of the pings of one device, which are in the order of time. */
export function seriesOf(pings: readonly Ping[]): TimeSeries[] {
  const device = pings[0]?.device ?? 0;
  const samples = {
    guaita_ping_up: pings.map(({ at_ms, rtt }) => ({ at_ms, value: rtt === undefined ? 0 : 1 })),
    guaita_ping_loss_ratio: pings.map(({ at_ms, received }) => ({ at_ms, value: 1 - received / REQUESTS })),
    guaita_ping_rtt_seconds: pings.flatMap(({ at_ms, rtt }) =>
      // Divided: multiplied by 10⁻⁶ many would have more digits than were measured, and take more space.
      rtt === undefined ? [] : [{ at_ms, value: rtt.avg_us / 1e6 }],
    ),
  };
  return METRICS.flatMap((metric) =>
    samples[metric].length === 0
      ? []
      : [{ labels: Object.entries(labelsOf(metric, device)), samples: samples[metric] }],
  );
}

/** Sends pings by remote write. @throws when they are not taken. */
export async function write(url: string, pings: readonly Ping[]): Promise<void> {
  const series = [...Map.groupBy(pings, ({ device }) => device).values()].flatMap((each) => seriesOf(each));
  await post(url, encodeTimeSeries(series), REMOTE_WRITE_HEADERS);
}

/** @throws with what the store says when it does not take it. */
export async function post(
  url: string,
  body?: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<string> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.from(body) };
  const response = await fetch(url, { method: 'POST', headers, ...sent });
  const said = await response.text();
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}: ${said.slice(0, 300)}`);
  return said;
}
