import { TroubleKind, type AlertKind } from '@guaita/model';

/** The kinds that tell of a device, in the order in which they are looked at. */
export const DEVICE_KINDS = ['flapping', 'down', 'disputed', 'under-watched'] as const satisfies readonly AlertKind[];
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** The kinds that tell of a monitor. */
export const MONITOR_KINDS = [
  'monitor-isolated',
  'monitor-lost',
  'monitor-disk-low',
  'monitor-disk-full',
  'monitor-services-left-out',
] as const satisfies readonly AlertKind[];
export type MonitorKind = (typeof MONITOR_KINDS)[number];

/** Whom alerts tell of: a device, a monitor and a site may bear the same id. */
export type SubjectKind = 'device' | 'monitor' | 'site';

/** Whom a kind tells of. */
export function subjectOf(kind: AlertKind): SubjectKind {
  if (kind === 'site-lost') return 'site';
  return MONITOR_KINDS.some((each) => each === kind) ? 'monitor' : 'device';
}

/** The kinds that tell of what is measured of a device that answers. */
export const TROUBLE_KINDS = TroubleKind.options;
