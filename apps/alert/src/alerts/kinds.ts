import type { AlertKind } from '@guaita/model';

/** The kinds that tell of a device, in the order in which they are looked at. */
export const DEVICE_KINDS = ['flapping', 'down', 'disputed', 'under-watched'] as const satisfies readonly AlertKind[];
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** The kinds that tell of a monitor. */
export const MONITOR_KINDS = ['monitor-isolated', 'monitor-lost'] as const satisfies readonly AlertKind[];
export type MonitorKind = (typeof MONITOR_KINDS)[number];

/** Whether a kind tells of monitors: a device may bear the same id as one. */
export function isOfMonitor(kind: AlertKind): kind is MonitorKind {
  return MONITOR_KINDS.some((each) => each === kind);
}
