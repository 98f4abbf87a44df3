import { timestamp_ms, type Alert } from '@guaita/model';
import type { Heard, Kind, Row } from './kind.ts';
import { oneLine, oneLineOrNull } from './text.ts';

/** What was worth telling, and its end. */
export const alert: Kind<'alert'> = {
  name: 'alert',
  meaning: 'an alert that begins or ends',
  columns: [
    { name: 'monitor', type: 'VARCHAR', meaning: 'the monitor whose storage heard it from its broker' },
    { name: 'id', type: 'VARCHAR', meaning: 'of the event; its end bears the same, and each broker names it alike' },
    { name: 'device', type: 'VARCHAR', meaning: 'the device; where `kind` begins with monitor or site, that' },
    { name: 'at', type: 'TIMESTAMP', unit: 'UTC', meaning: 'when it was said' },
    { name: 'delay_ms', type: 'BIGINT', meaning: 'how much later it was heard' },
    { name: 'kind', type: 'VARCHAR', meaning: 'down, disputed, loss, latency …' },
    { name: 'severity', type: 'VARCHAR', meaning: 'critical, warning or info' },
    { name: 'resolves', type: 'BOOLEAN', meaning: 'true: it is over' },
    { name: 'since', type: 'TIMESTAMP', unit: 'UTC', meaning: 'when the event began' },
    { name: 'episode', type: 'BIGINT', meaning: 'which event of this kind it is' },
    { name: 'part', type: 'VARCHAR', meaning: 'the interface that it is about, where it is about one' },
    { name: 'name', type: 'VARCHAR', meaning: 'the name that people know the device by' },
    { name: 'text', type: 'VARCHAR', meaning: 'one plain sentence' },
  ],
  key: ['id', 'resolves'],
  order: ['device', 'at', 'id'],
};

/** The row of an alert's beginning or end. */
export function alertRow({ monitor, received_ms }: Heard, said: Alert): Row {
  const at_ms = timestamp_ms(said.at);
  return [
    monitor,
    said.id,
    said.subject,
    at_ms,
    received_ms - at_ms,
    said.kind,
    said.severity,
    said.resolves,
    timestamp_ms(said.since),
    said.episode,
    oneLineOrNull(said.part),
    oneLine(said.name),
    oneLine(said.text),
  ];
}
