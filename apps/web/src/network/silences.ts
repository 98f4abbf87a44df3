import type { Network } from './network.ts';
import type { DeviceRow, SilenceRow } from './rows.ts';

/** Whether alerts on a device, of some kind at least, are meant by a silence: it fits every list that is given. */
export function isSilenced({ scope }: SilenceRow, { id, spec }: DeviceRow): boolean {
  const { devices, monitors, tags, sites } = scope;
  // Who names devices and monitors means either.
  if ((devices.length > 0 || monitors.length > 0) && !devices.includes(id)) return false;
  if (tags.length > 0 && spec?.tags.some((tag) => tags.includes(tag)) !== true) return false;
  // A device is of a site when no monitor of another may watch it.
  return (
    sites.length === 0 ||
    (spec !== undefined && spec.onlySites.length > 0 && spec.onlySites.every((site) => sites.includes(site)))
  );
}

/** What a silence is about, in few words. */
export function scopeInWords(network: Network, { scope }: SilenceRow): string {
  const { devices, monitors, tags, sites, kinds, severities } = scope;
  const words = [
    listed(
      '',
      devices.map((device) => network.devices.get(device)?.spec?.name ?? device),
    ),
    listed('monitor ', monitors),
    listed('tag ', tags),
    listed('site ', sites),
    listed(
      'only ',
      kinds.map((kind) => kind.replaceAll('-', ' ')),
    ),
    listed('only ', severities),
  ].filter((part) => part !== '');
  return words.length === 0 ? 'all alerts' : words.join('; ');
}

const NAMED = 5;

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${what}${names.slice(0, NAMED).join(', ')}${more}`;
}
