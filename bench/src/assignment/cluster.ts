import type { PlanDevice, PlanMonitor } from '@guaita/assignment';

export const MONITORS_PER_DEVICE = 3;
const SITES = 3;
/** What is spare of the monitors' capacity. */
const SPARE = 0.2;

export function someDevices(count: number): PlanDevice[] {
  return Array.from({ length: count }, (_, index) => ({ device: `device-${index}` }));
}

/** Monitors of equal capacity in three sites, that can bear so many devices and some more. */
export function someMonitors(count: number, devices: number): PlanMonitor[] {
  const capacity = Math.ceil((devices * MONITORS_PER_DEVICE * (1 + SPARE)) / count);
  return Array.from({ length: count }, (_, index) => ({
    monitor: `host-${index}`,
    site: `site-${index % SITES}`,
    tags: [],
    capacity,
  }));
}
