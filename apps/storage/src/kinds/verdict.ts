import { timestamp_ms, type Verdict } from '@guaita/model';
import type { Heard, Kind, Row } from './kind.ts';
import { oneLine } from './text.ts';

/** What all monitors of a device together said of it, as this broker's audience was told. */
export const verdict: Kind<'verdict'> = {
  name: 'verdict',
  meaning: 'a change of what all monitors together say of a device',
  columns: [
    { name: 'monitor', type: 'VARCHAR', meaning: 'the monitor whose storage heard it from its broker' },
    { name: 'device', type: 'VARCHAR', meaning: 'the device' },
    { name: 'at', type: 'TIMESTAMP', unit: 'UTC', meaning: 'when this state began' },
    { name: 'delay_ms', type: 'BIGINT', meaning: 'how much later it was heard' },
    { name: 'state', type: 'VARCHAR', meaning: 'up, down, disputed, unreachable, unknown or maintenance' },
    { name: 'episode', type: 'BIGINT', meaning: 'which outage of the device this is, or the last one was' },
    { name: 'flapping', type: 'BOOLEAN', meaning: 'it goes down and comes back so often that each time is not news' },
    { name: 'reason', type: 'VARCHAR', meaning: 'one plain sentence' },
  ],
  key: ['device', 'at', 'state'],
  order: ['device', 'at', 'monitor'],
};

/** The row of a verdict. */
export function verdictRow({ monitor, received_ms }: Heard, device: string, said: Verdict): Row {
  const at_ms = timestamp_ms(said.since);
  return [
    monitor,
    device,
    at_ms,
    received_ms - at_ms,
    said.state,
    said.episode,
    said.flapping ?? false,
    oneLine(said.reason),
  ];
}
