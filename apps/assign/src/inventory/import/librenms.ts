import { ipFamily } from '@guaita/model';
import { isMapping } from '../mapping.ts';
import { isTrue, mappingsOf, textOf, type Fields } from './fields.ts';
import type { ForeignDevice, Harvest, Place, Sheet } from './harvest.ts';

/** Tells an answer of `/api/v0/devices`, also one that says why there is none. */
export function isLibreNms(value: unknown): value is Record<string, unknown> {
  if (!isMapping(value)) return false;
  const devices = value['devices'];
  if (!Array.isArray(devices)) return value['status'] === 'error' && typeof value['message'] === 'string';
  return value['status'] === 'ok' || devices.some((device) => isMapping(device) && 'device_id' in device);
}

/** Harvests LibreNMS' answer to `GET /api/v0/devices`. Credentials in it tell profiles apart, and are not kept. */
export function harvestLibreNms(answer: Readonly<Record<string, unknown>>, sheet: Sheet, harvest: Harvest): void {
  if (!Array.isArray(answer['devices'])) {
    const message = `holds no devices but LibreNMS' refusal: ${textOf(answer['message'])}; mend that and ask again`;
    sheet.complaints.error(['message'], message);
    return;
  }
  for (const { fields, index } of mappingsOf(answer['devices'])) {
    const place = { sheet, path: ['devices', index] };
    const name = nameOf(fields);
    if (isTrue(fields['disabled'])) {
      harvest.leaveOut('device', name, place, 'it is disabled there; enable it before the export, or add it by hand');
      continue;
    }
    harvest.devices.push(deviceOf(fields, name, place));
    leaveOutSettings(fields, name, place, harvest);
  }
}

function deviceOf(fields: Fields, name: string, place: Place): ForeignDevice {
  const overwrite = textOf(fields['overwrite_ip']);
  const kinds = ['location', 'type', 'os'].map((field) => ({ field, text: textOf(fields[field]) }));
  const named = kinds.filter(({ text }) => text !== '' && text !== 'null');
  return {
    kind: 'device',
    key: textOf(fields['device_id']),
    name,
    addresses: overwrite === '' ? [textOf(fields['hostname']), textOf(fields['ip'])] : [overwrite],
    tags: named.map(({ field, text }) => `${field} ${text}`),
    parents: listed(fields['dependency_parent_id']),
    ...(isTrue(fields['snmp_disable']) ? {} : { snmp: snmpOf(fields) }),
    place,
  };
}

const CREDENTIALS = [
  'snmpver',
  'community',
  'authlevel',
  'authname',
  'authpass',
  'authalgo',
  'cryptopass',
  'cryptoalgo',
];

function snmpOf(fields: Fields): NonNullable<ForeignDevice['snmp']> {
  const version = textOf(fields['snmpver']);
  const port = textOf(fields['port']);
  return {
    credentials: JSON.stringify(CREDENTIALS.map((field) => textOf(fields[field]))),
    ...(version === '' ? {} : { version }),
    ...(port === '' ? {} : { port }),
  };
}

/** As LibreNMS shows it: the display name, else the host name, and what it calls itself where that is an address. */
function nameOf(fields: Fields): string {
  const display = textOf(fields['display']);
  // Versions before 22 give the template itself.
  if (display !== '' && !display.includes('{{')) return display;
  const hostname = textOf(fields['hostname']);
  const sysName = textOf(fields['sysName']);
  return sysName !== '' && ipFamily(hostname) !== undefined ? sysName : hostname;
}

function listed(value: unknown): string[] {
  return textOf(value)
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '' && id !== '0');
}

function leaveOutSettings(fields: Fields, name: string, place: Place, harvest: Harvest): void {
  const group = textOf(fields['poller_group']);
  if (group !== '' && group !== '0') {
    harvest.leaveOut(
      'poller group',
      `${group} of ${name}`,
      place,
      'any monitor may watch it here; give it a placement',
    );
  }
  if (isTrue(fields['ignore'])) {
    harvest.leaveOut('ignored alerts', `of ${name}`, place, 'it alerts here; silence it, or take it out');
  }
  if (isTrue(fields['disable_notify'])) {
    harvest.leaveOut('disabled alerts', `of ${name}`, place, 'it alerts here; silence it, or take it out');
  }
  const transport = textOf(fields['transport']);
  if (transport.startsWith('tcp') && !isTrue(fields['snmp_disable'])) {
    harvest.leaveOut('SNMP transport', `${transport} of ${name}`, place, 'SNMP goes over UDP here');
  }
}
