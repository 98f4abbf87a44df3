import type { SnmpObservation } from '@guaita/model';
import { WHO_AND_WHEN, whoAndWhen, type Heard, type Kind, type Row } from './kind.ts';
import { oneLineOrNull } from './text.ts';

/** What monitors saw of devices as a whole in SNMP polls. */
export const snmp: Kind<'snmp'> = {
  name: 'snmp',
  meaning: 'one SNMP poll of one device by one monitor, but for its interfaces and sensors',
  columns: [
    ...WHO_AND_WHEN,
    { name: 'state', type: 'VARCHAR', meaning: 'up: it answered; down: it did not; unknown: it could not be asked' },
    { name: 'uptime_s', type: 'DOUBLE', meaning: 'since its last restart' },
    { name: 'cpu_percent', type: 'DOUBLE', meaning: 'mean over all processors' },
    { name: 'load_1min', type: 'DOUBLE', unit: 'processes', meaning: 'load average over 1 minute' },
    { name: 'load_5min', type: 'DOUBLE', unit: 'processes', meaning: 'load average over 5 minutes' },
    { name: 'load_15min', type: 'DOUBLE', unit: 'processes', meaning: 'load average over 15 minutes' },
    { name: 'memory_total_bytes', type: 'BIGINT', meaning: 'memory that it has' },
    { name: 'memory_available_bytes', type: 'BIGINT', meaning: 'memory that programs could still have' },
    { name: 'reason', type: 'VARCHAR', meaning: 'why it is down or unknown' },
  ],
  key: ['monitor', 'device', 'at'],
  order: ['device', 'monitor', 'at'],
};

/** The row of one poll. */
export function snmpRow(heard: Heard, device: string, seen: SnmpObservation): Row {
  const { host } = seen;
  return [
    ...whoAndWhen(heard, device, seen.at),
    seen.state,
    seen.uptime_s,
    host?.cpu_percent ?? null,
    host?.load_1min ?? null,
    host?.load_5min ?? null,
    host?.load_15min ?? null,
    host?.memory_total_bytes ?? null,
    host?.memory_available_bytes ?? null,
    oneLineOrNull(seen.reason),
  ];
}
