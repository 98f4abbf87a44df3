import { isMapping } from '../mapping.ts';
import { mappingsOf, textOf, type Fields } from './fields.ts';
import type { ForeignDevice, Harvest, Place, Sheet } from './harvest.ts';
import { interfacesOf, snmpOf, type Interface } from './zabbix-interface.ts';

/** What stands at the top of every export, be it YAML, JSON or XML. */
export const ZABBIX_ROOT = 'zabbix_export';

const NOT_ASKED = 'hosts are pinged and polled by SNMP here, nothing else is asked';

/** What hangs on a host beside its interfaces, and the reason why it stays there. */
const ON_HOSTS: readonly { readonly list: string; readonly kind: string; readonly reason: string }[] = [
  { list: 'items', kind: 'item', reason: NOT_ASKED },
  { list: 'triggers', kind: 'trigger', reason: 'alerts follow from what monitors see; see docs/operating.md' },
  { list: 'discovery_rules', kind: 'discovery rule', reason: 'SNMP finds all interfaces by itself' },
  { list: 'httptests', kind: 'web scenario', reason: NOT_ASKED },
  { list: 'valuemaps', kind: 'value map', reason: NOT_ASKED },
];

/** What stands beside the hosts. Host groups are tags of their hosts. */
const BESIDE_HOSTS: readonly { readonly list: string; readonly kind: string; readonly reason: string }[] = [
  { list: 'templates', kind: 'template', reason: NOT_ASKED },
  { list: 'triggers', kind: 'trigger', reason: 'alerts follow from what monitors see; see docs/operating.md' },
  { list: 'graphs', kind: 'graph', reason: 'graphs are made of what was seen' },
  { list: 'maps', kind: 'map', reason: 'the map is drawn from parents here; give devices parents' },
  { list: 'media_types', kind: 'media type', reason: 'name a receiver under alert.notify in guaita.yaml' },
];

export function isZabbix(value: unknown): value is Record<string, Record<string, unknown>> {
  return isMapping(value) && isMapping(value[ZABBIX_ROOT]);
}

/** Harvests a host export of Zabbix (5.0 to 7.4): hosts with interfaces, groups, tags and inventory. */
export function harvestZabbix(
  { [ZABBIX_ROOT]: root = {} }: Readonly<Record<string, Record<string, unknown>>>,
  sheet: Sheet,
  harvest: Harvest,
): void {
  const hosts = mappingsOf(root['hosts']);
  if (hosts.length === 0) {
    sheet.complaints.error([ZABBIX_ROOT], 'holds no host; export hosts, under Data collection, Hosts, Export');
    return;
  }
  for (const { fields, index } of hosts) {
    const place = { sheet, path: [ZABBIX_ROOT, 'hosts', index] };
    const name = textOf(fields['name']) || textOf(fields['host']);
    if (/^(DISABLED|1)$/.test(textOf(fields['status']))) {
      harvest.leaveOut('host', name, place, 'it is disabled there; enable it before the export, or add it by hand');
      continue;
    }
    const interfaces = interfacesOf(fields);
    harvest.devices.push(deviceOf(fields, name, interfaces, place));
    leaveOutOnHost(fields, name, interfaces, place, harvest);
  }
  leaveOutTemplates(hosts, sheet, harvest);
  for (const { list, kind, reason } of BESIDE_HOSTS) {
    for (const { fields, index } of mappingsOf(root[list])) {
      const name = textOf(fields['name']) || textOf(fields['template']);
      harvest.leaveOut(kind, name, { sheet, path: [ZABBIX_ROOT, list, index] }, reason);
    }
  }
}

function deviceOf(fields: Fields, name: string, interfaces: readonly Interface[], place: Place): ForeignDevice {
  const snmp = interfaces.find(({ type }) => type === 'SNMP');
  return {
    kind: 'host',
    key: textOf(fields['host']),
    name,
    addresses: interfaces.filter(({ type }) => type !== 'IPMI').map(({ address }) => address),
    tags: [...groupsOf(fields), ...tagsOf(fields), ...locationOf(fields)],
    ...(snmp === undefined ? {} : { snmp: snmpOf(snmp, fields) }),
    place,
  };
}

function groupsOf(fields: Fields): string[] {
  return mappingsOf(fields['groups']).map(({ fields: group }) => textOf(group['name']));
}

/** A tag has a name and may have a value: `env` with `prod` becomes `env-prod`. */
function tagsOf(fields: Fields): string[] {
  return mappingsOf(fields['tags']).map(({ fields: { tag, value } }) => `${textOf(tag)} ${textOf(value)}`.trim());
}

function locationOf({ inventory }: Fields): string[] {
  const location = isMapping(inventory) ? textOf(inventory['location']) : '';
  return location === '' ? [] : [`location ${location}`];
}

function leaveOutOnHost(
  fields: Fields,
  name: string,
  interfaces: readonly Interface[],
  place: Place,
  harvest: Harvest,
): void {
  for (const { type } of interfaces.filter(({ type }) => type === 'IPMI' || type === 'JMX')) {
    harvest.leaveOut(`${type} interface`, `of ${name}`, place, NOT_ASKED);
  }
  const items = mappingsOf(fields['items']);
  for (const { list, kind, reason } of ON_HOSTS) {
    // A trigger of a single item stands with it.
    const inItems = list === 'triggers' ? items.flatMap(({ fields: item }) => mappingsOf(item[list])) : [];
    const length = mappingsOf(fields[list]).length + inItems.length;
    if (length > 0) harvest.leaveOut(kind, `on ${name}`, place, reason, length);
  }
  for (const { fields: macro } of mappingsOf(fields['macros'])) {
    const reason = 'its value may be a secret, and stays there';
    harvest.leaveOut('macro', `${textOf(macro['macro'])} of ${name}`, place, reason);
  }
  const proxy = ['proxy', 'proxy_group'].map((field) => fields[field]).find(isMapping);
  if (proxy !== undefined) {
    const reason = 'any monitor may watch it here; give it a placement';
    harvest.leaveOut('proxy', `${textOf(proxy['name'])} of ${name}`, place, reason);
  }
}

/** Each once, with the number of hosts that are linked to it. */
function leaveOutTemplates(hosts: readonly { readonly fields: Fields }[], sheet: Sheet, harvest: Harvest): void {
  const linked = new Map<string, number>();
  for (const { fields } of hosts) {
    for (const { fields: template } of mappingsOf(fields['templates'])) {
      const name = textOf(template['name']);
      linked.set(name, (linked.get(name) ?? 0) + 1);
    }
  }
  for (const [name, count] of linked) {
    const hostsText = count === 1 ? 'one host' : `${count} hosts`;
    harvest.leaveOut('linked template', `${name} (${hostsText})`, { sheet, path: [ZABBIX_ROOT] }, NOT_ASKED);
  }
}
