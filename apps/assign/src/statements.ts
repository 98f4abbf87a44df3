import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { InventoryDevice } from './inventory/index.ts';
import type { Retained } from './retained.ts';

/**
 * What this monitor says of its inventory: for each device that it watches it (`assigned`) and what it is (`spec`). A
 * monitor by itself watches all. In steps, as the inventory is read.
 */
export function* statements(
  devices: readonly InventoryDevice[],
  monitor: Id,
  base: string,
): Generator<void, Retained, void> {
  const retained = new Map<string, string>();
  for (const { device: entry, file } of devices) {
    const { device, name, addresses, checks } = entry;
    const assigned = channels.assigned.encode({ name, addresses, checks });
    retained.set(channels.assigned.topic(base, { monitor, device }), assigned);
    const spec = channels.spec.encode({ ...entry, source: file, monitors: [monitor] });
    retained.set(channels.spec.topic(base, { device }), spec);
    if (retained.size % STATEMENTS_IN_STEP === 0) yield;
  }
  return retained;
}

/** A tenth of a second or less on a Pi. */
const STATEMENTS_IN_STEP = 2000;
