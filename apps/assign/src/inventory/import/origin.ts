import type { Complaints } from '../complaints.ts';
import { isMapping } from '../mapping.ts';
import { isLibreNms } from './librenms.ts';
import { isUptimeKuma } from './uptime-kuma.ts';
import { isZabbix } from './zabbix.ts';

/** The tools that devices can be carried over from. */
export const ORIGINS = ['uptime-kuma', 'librenms', 'zabbix', 'smokeping'] as const;
export type Origin = (typeof ORIGINS)[number];

/** As people call them. */
export const ORIGIN_NAMES: Readonly<Record<Origin, string>> = {
  'uptime-kuma': 'Uptime Kuma',
  librenms: 'LibreNMS',
  zabbix: 'Zabbix',
  smokeping: 'SmokePing',
};

/** What a document of each origin holds, to say what is missing. */
const HOLDS: Readonly<Record<Exclude<Origin, 'smokeping'>, string>> = {
  'uptime-kuma': '"monitorList"; give the JSON backup of Uptime Kuma 1.x, or kuma.db',
  librenms: '"devices"; give the answer of LibreNMS\' /api/v0/devices',
  zabbix: '"zabbix_export"; give hosts that Zabbix exported',
};

/** Which tool a document is of; when it is of none, or not of the one that it should be, it is complained of. */
export function originOf(value: unknown, wanted: Origin | undefined, complaints: Complaints): Origin | undefined {
  const origin = isZabbix(value)
    ? 'zabbix'
    : isUptimeKuma(value)
      ? 'uptime-kuma'
      : isLibreNms(value)
        ? 'librenms'
        : undefined;
  if (wanted !== undefined && wanted !== 'smokeping' && origin !== wanted) {
    complaints.error([], `is nothing of ${ORIGIN_NAMES[wanted]}: it holds no ${HOLDS[wanted]}`, 0);
    return undefined;
  }
  if (origin === undefined) complaints.error([], whatElse(value), 0);
  return origin;
}

function whatElse(value: unknown): string {
  const inventory =
    (Array.isArray(value) && value.some((group) => isMapping(group) && 'targets' in group)) ||
    (isMapping(value) && ('cnml' in value || Array.isArray(value['devices'])));
  return inventory
    ? READ_AS_IT_IS
    : `is nothing that ${NAMES} exports; name the tool with --from to hear what is missing`;
}

/** Formats that an inventory may have anyway. */
export const READ_AS_IT_IS =
  'is an inventory that is read as it is: "guaita up --devices FILE", or "guaita devices add --from FILE"';

const NAMES = Object.values(ORIGIN_NAMES)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ');
