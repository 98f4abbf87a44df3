import type { PingObservation } from '@guaita/model';
import { WHO_AND_WHEN, whoAndWhen, type Heard, type Kind, type Row } from './kind.ts';
import { oneLineOrNull } from './text.ts';

/** What monitors saw in ping probes. Loss is `1 - received / sent`. */
export const ping: Kind<'ping'> = {
  name: 'ping',
  meaning: 'one ping probe of one device by one monitor',
  columns: [
    ...WHO_AND_WHEN,
    { name: 'state', type: 'VARCHAR', meaning: 'up, down or unknown, as this monitor sees it after its confirmation' },
    { name: 'sent', type: 'INTEGER', unit: 'requests', meaning: 'echo requests sent' },
    { name: 'received', type: 'INTEGER', unit: 'replies', meaning: 'replies that came in time' },
    { name: 'rtt_min_ms', type: 'DECIMAL(9,3)', meaning: 'shortest round trip; null without a reply' },
    { name: 'rtt_avg_ms', type: 'DECIMAL(9,3)', meaning: 'mean round trip; null without a reply' },
    { name: 'rtt_max_ms', type: 'DECIMAL(9,3)', meaning: 'longest round trip; null without a reply' },
    {
      name: 'jitter_ms',
      type: 'DECIMAL(9,3)',
      meaning: 'mean difference of successive round trips; null below two replies',
    },
    { name: 'reason', type: 'VARCHAR', meaning: 'why it is down or unknown' },
  ],
  key: ['monitor', 'device', 'at'],
  order: ['device', 'monitor', 'at'],
};

/** The row of one observation. */
export function pingRow(heard: Heard, device: string, seen: PingObservation): Row {
  return [
    ...whoAndWhen(heard, device, seen.at),
    seen.state,
    seen.sent,
    seen.received,
    seen.rtt_min_ms,
    seen.rtt_avg_ms,
    seen.rtt_max_ms,
    seen.jitter_ms,
    oneLineOrNull(seen.reason),
  ];
}
