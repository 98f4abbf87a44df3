import { stateOf, type Network } from './network.ts';
import type { DeviceRow } from './rows.ts';

/** A chain of parents that is longer is a ring. */
const CHAIN_MOST = 100;

/** What stands in the way to a device that cannot be reached: the nearest of all it is reached through that is down. */
export function causeOf(network: Network, row: DeviceRow): DeviceRow | undefined {
  let layer = [row];
  const visited = new Set(layer);
  for (let step = 0; step < CHAIN_MOST && layer.length > 0; step += 1) {
    const above: DeviceRow[] = [];
    for (const { spec } of layer) {
      for (const id of spec?.parents ?? []) {
        const parent = network.devices.get(id);
        if (parent === undefined || visited.has(parent)) continue;
        if (stateOf(parent) === 'down') return parent;
        visited.add(parent);
        above.push(parent);
      }
    }
    layer = above;
  }
  return undefined;
}
