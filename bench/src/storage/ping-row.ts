import type { pingRow } from '@guaita/storage/ping';
import { deviceId, DOWN_reason, MONITOR, REQUESTS, type Ping } from './pings.ts';

/** The row that our storage makes of a ping, without what was said of it over MQTT, which takes longest: for filling. */
export function rowOfPing({ device, at_ms, received_ms, received, rtt }: Ping): ReturnType<typeof pingRow> {
  const who = [MONITOR, deviceId(device), at_ms, received_ms - at_ms];
  if (rtt === undefined) return [...who, 'down', REQUESTS, received, null, null, null, null, DOWN_reason];
  const { min_us, avg_us, max_us, jitter_us } = rtt;
  const trips_ms = [min_us / 1000, avg_us / 1000, max_us / 1000, jitter_us / 1000];
  return [...who, 'up', REQUESTS, received, ...trips_ms, null];
}
