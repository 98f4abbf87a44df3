import type { SnmpObservation } from '@guaita/model';
import { WHO_AND_WHEN, whoAndWhen, type Column, type Heard, type Kind, type Row } from './kind.ts';
import { oneLine, oneLineOrNull } from './text.ts';

function eventsPerSecond(name: string, what: string): Column {
  return { name, type: 'DOUBLE', meaning: `${what}; null where a rate would be a lie` };
}

/** What monitors saw of devices’ interfaces. */
export const interfaces: Kind<'interface'> = {
  name: 'interface',
  meaning: 'one interface of one device in one SNMP poll',
  columns: [
    ...WHO_AND_WHEN,
    { name: 'interface', type: 'VARCHAR', meaning: 'its name (ifName), which outlives a move of its index' },
    { name: 'alias', type: 'VARCHAR', meaning: 'what the operator calls it (ifAlias)' },
    { name: 'admin', type: 'VARCHAR', meaning: 'the state that is wanted: up, down or testing' },
    { name: 'oper', type: 'VARCHAR', meaning: 'the state that it has: up, down, testing, unknown, dormant …' },
    { name: 'speed_bps', type: 'BIGINT', meaning: 'its speed' },
    { name: 'in_bps', type: 'BIGINT', meaning: 'bits received a second, mean since the last poll; null as below' },
    { name: 'out_bps', type: 'BIGINT', meaning: 'bits sent a second, mean since the last poll; null as below' },
    eventsPerSecond('in_errors_per_s', 'received packets with errors'),
    eventsPerSecond('out_errors_per_s', 'packets not sent because of errors'),
    eventsPerSecond('in_discards_per_s', 'received packets thrown away'),
    eventsPerSecond('out_discards_per_s', 'packets to be sent thrown away'),
    eventsPerSecond('in_multicast_per_s', 'multicast packets received'),
    eventsPerSecond('out_multicast_per_s', 'multicast packets sent'),
    { name: 'rates_unknown', type: 'VARCHAR', meaning: 'why all rates are null: reboot, counter went back …' },
  ],
  key: ['monitor', 'device', 'interface', 'at'],
  order: ['device', 'interface', 'monitor', 'at'],
};

/** A row for each interface of one poll. */
export function interfaceRows(heard: Heard, device: string, seen: SnmpObservation): Row[] {
  const common = whoAndWhen(heard, device, seen.at);
  return Object.entries(seen.interfaces).map(([name, { rates_unknown, ...at }]) => [
    ...common,
    oneLine(name),
    oneLineOrNull(at.alias),
    at.admin,
    at.oper,
    at.speed_bps,
    at.in_bps,
    at.out_bps,
    thousandths(at.in_errors_per_s),
    thousandths(at.out_errors_per_s),
    thousandths(at.in_discards_per_s),
    thousandths(at.out_discards_per_s),
    thousandths(at.in_multicast_per_s),
    thousandths(at.out_multicast_per_s),
    rates_unknown ?? null,
  ]);
}

/** Digits that say nothing take eight bytes a value: three decimals tell one event in a quarter of an hour. */
function thousandths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
