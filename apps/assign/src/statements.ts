import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { InventoryDevice } from './inventory/index.ts';
import type { Retained } from './retained.ts';

/**
 * What this monitor says of its inventory: for each device that it watches it (`assigned`) and what it is (`spec`). A
 * monitor by itself watches all.
 */
export function statements(devices: readonly InventoryDevice[], monitor: Id, base: string): Retained {
  const retained = new Map<string, string>();
  for (const { device: entry, file } of devices) {
    const { device, name, addresses, checks } = entry;
    const assigned = channels.assigned.encode({ name, addresses, checks });
    retained.set(channels.assigned.topic(base, { monitor, device }), assigned);
    const spec = channels.spec.encode({ ...entry, source: file, monitors: [monitor] });
    retained.set(channels.spec.topic(base, { device }), spec);
  }
  return retained;
}
