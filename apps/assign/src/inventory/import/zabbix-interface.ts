import { isMapping } from '../mapping.ts';
import { isTrue, mappingsOf, textOf, type Fields } from './fields.ts';
import type { ForeignSnmp } from './harvest.ts';

/** One interface of a host. */
export interface Interface {
  readonly type: string;
  readonly address: string;
  readonly port: string;
  readonly details: Fields;
}

/** The types by number, as versions before 4.4 write them. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['1', 'ZABBIX'],
  ['2', 'SNMP'],
  ['3', 'IPMI'],
  ['4', 'JMX'],
]);

/**
 * A host's interfaces, those polled by SNMP first, and of each kind the default one first. An export leaves out what is
 * as by default: an agent at 127.0.0.1, asked by its IP address.
 */
export function interfacesOf(host: Fields): Interface[] {
  const ranked = mappingsOf(host['interfaces']).map(({ fields }) => {
    const given = textOf(fields['type']);
    const type = TYPES.get(given) ?? (given === '' ? 'ZABBIX' : given);
    const byIp = fields['useip'] === undefined || isTrue(fields['useip']);
    const ip = textOf(fields['ip']) || '127.0.0.1';
    const details = isMapping(fields['details']) ? fields['details'] : {};
    const isDefault = fields['default'] === undefined || isTrue(fields['default']);
    const address = byIp ? ip : textOf(fields['dns']);
    const rank = (type === 'SNMP' ? 0 : 2) + (isDefault ? 0 : 1);
    return { rank, interface: { type, address, port: textOf(fields['port']), details } };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ interface: each }) => each);
}

const CREDENTIALS = [
  ...['version', 'community', 'contextname', 'securityname', 'securitylevel'],
  ...['authprotocol', 'authpassphrase', 'privprotocol', 'privpassphrase'],
];

/** How an interface is polled. Its credentials may name macros, which are the host's own where it has them. */
export function snmpOf({ details, port }: Interface, host: Fields): ForeignSnmp {
  const macros = new Map(
    mappingsOf(host['macros']).map(({ fields }) => [textOf(fields['macro']), textOf(fields['value'])]),
  );
  const given = CREDENTIALS.map((field) => textOf(details[field]));
  const version = textOf(details['version']) || 'SNMPV2';
  return {
    credentials: JSON.stringify(given.map((text) => macros.get(text) ?? text)),
    version: VERSIONS.get(version) ?? version,
    ...(port === '' ? {} : { port }),
  };
}

const VERSIONS: ReadonlyMap<string, string> = new Map([
  ['SNMPV1', 'v1'],
  ['SNMPV2', 'v2c'],
  ['SNMPV3', 'v3'],
]);
