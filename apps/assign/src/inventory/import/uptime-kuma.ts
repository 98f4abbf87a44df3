import { isMapping } from '../mapping.ts';
import { isTrue, mappingsOf, numberOf, textOf, type Fields } from './fields.ts';
import type { ForeignDevice, ForeignPing, Harvest, Place, Sheet } from './harvest.ts';

/** What Uptime Kuma sends where nothing else is said: our defaults, and not worth a word. */
const USUAL_INTERVAL_s = 60;
const USUAL_SIZE_bytes = 56;

/** What people call the types of monitors that look at no device. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ...['http', 'keyword', 'json-query'].map((type) => [type, 'HTTP monitor'] as const),
  ['port', 'TCP port monitor'],
  ['dns', 'DNS monitor'],
  ['real-browser', 'browser monitor'],
]);

/** Lists of a backup or database beside the monitors, and why nothing of them is carried over. */
const OTHERS: readonly { readonly list: string; readonly kind: string; readonly reason: string }[] = [
  {
    list: 'notificationList',
    kind: 'notification channel',
    reason: 'it holds credentials; name a receiver under alert.notify in guaita.yaml',
  },
  { list: 'maintenanceList', kind: 'maintenance', reason: 'give it under alert.maintenance in guaita.yaml' },
  { list: 'statusPageList', kind: 'status page', reason: 'it is made of other monitors and texts' },
  { list: 'proxyList', kind: 'proxy', reason: 'a ping goes through no proxy' },
  { list: 'dockerHostList', kind: 'docker host', reason: 'containers are not looked at' },
];

/** What is there to read of a backup of 1.x, or of a database in the same shape. */
export function isUptimeKuma(value: unknown): value is Record<string, unknown> {
  return isMapping(value) && Array.isArray(value['monitorList']);
}

/** Harvests the monitors of Uptime Kuma: `monitorList` with `parent`, `tags` and settings. */
export function harvestUptimeKuma(backup: Readonly<Record<string, unknown>>, sheet: Sheet, harvest: Harvest): void {
  const monitors = mappingsOf(backup['monitorList']);
  const groups = groupsOf(monitors.map(({ fields }) => fields));
  for (const { fields, index } of monitors) {
    const place = { sheet, path: ['monitorList', index] };
    const type = textOf(fields['type']);
    // A group is no monitor: its name becomes a tag of what is in it.
    if (type === 'group') continue;
    const kind = TYPES.get(type) ?? `${type === '' ? 'nameless' : type} monitor`;
    const reason = whyNot(fields, type);
    if (reason !== undefined) harvest.leaveOut(kind, textOf(fields['name']), place, reason);
    else harvest.devices.push(deviceOf(fields, kind, groups, place));
  }
  for (const { list, kind, reason } of OTHERS) {
    for (const { fields, index } of mappingsOf(backup[list])) {
      harvest.leaveOut(kind, nameOf(fields), { sheet, path: [list, index] }, reason);
    }
  }
}

function whyNot(fields: Fields, type: string): string | undefined {
  if (type !== 'ping' && type !== 'snmp') return 'hosts are pinged and polled by SNMP here, nothing else is asked';
  if (fields['active'] !== undefined && !isTrue(fields['active'])) {
    return 'it is paused there; resume it before the export, or add it by hand';
  }
  if (isTrue(fields['upsideDown'])) return 'it is upside down there: that a device must not answer cannot be said here';
  return undefined;
}

function deviceOf(fields: Fields, kind: string, groups: (id: unknown) => string[], place: Place): ForeignDevice {
  const version = textOf(fields['snmpVersion']);
  // Uptime Kuma keeps the community in the field of Radius passwords.
  const credentials = [version, fields['radiusPassword'], fields['snmp_v3_username']].map(textOf);
  return {
    kind,
    key: textOf(fields['id']),
    name: textOf(fields['name']),
    addresses: [textOf(fields['hostname'])],
    tags: [...groups(fields['parent']), ...tagsOf(fields['tags'])],
    ping: pingOf(fields),
    ...(textOf(fields['type']) === 'snmp'
      ? { snmp: { credentials: JSON.stringify(credentials), version: `v${version}`, port: fields['port'] } }
      : {}),
    place,
  };
}

function pingOf(fields: Fields): ForeignPing {
  const interval_s = numberOf(fields['interval']);
  const size_bytes = numberOf(fields['packetSize']);
  return {
    ...(interval_s === USUAL_INTERVAL_s ? {} : { interval_s }),
    ...(size_bytes === USUAL_SIZE_bytes || textOf(fields['type']) === 'snmp' ? {} : { size_bytes }),
  };
}

/** A tag has a name and may have a value: `env` with `prod` becomes `env-prod`. */
function tagsOf(tags: unknown): string[] {
  return mappingsOf(tags).map(({ fields }) => [fields['name'], fields['value']].map(textOf).join(' ').trim());
}

/** Gives the names of the groups that a monitor is in, the outermost first. */
function groupsOf(monitors: readonly Fields[]): (parent: unknown) => string[] {
  const byId = new Map(monitors.map((fields) => [textOf(fields['id']), fields]));
  return (parent) => {
    const names: string[] = [];
    const seen = new Set<Fields>();
    for (let group = byId.get(textOf(parent)); group !== undefined; group = byId.get(textOf(group['parent']))) {
      // A broken backup may go in a circle.
      if (seen.has(group)) break;
      seen.add(group);
      names.unshift(textOf(group['name']));
    }
    return names;
  };
}

function nameOf(fields: Fields): string {
  return ['name', 'title', 'host', 'id'].map((field) => textOf(fields[field])).find((text) => text !== '') ?? '';
}
