import type { Id } from '@guaita/model';

/** Two independent hashes of every device, so that two devices that share one are still told apart. */
export const FIRST_SEED = 0x2545f491;
export const SECOND_SEED = 0x6b43a9b5;

/** A signed 32-bit hash of an id: FNV-1a (Fowler, Noll, Vo) over its characters, then mixed. */
export function hashId(id: Id, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/**
 * The hash of a device beside a monitor, as an unsigned 32-bit number. The constants are those of `lowbias32` (Chris
 * Wellons, "Prospecting for Hash Functions", 2018).
 */
export function hashPair(deviceFirst: number, deviceSecond: number, monitor: number): number {
  let hash = deviceFirst ^ monitor;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul((hash ^ (hash >>> 15)) + deviceSecond, 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}

/** The devices in an order that all hosts share; it says nothing else. */
export function inSharedOrder(devices: readonly Id[]): Id[] {
  return devices
    .map((device) => ({ device, hash: hashId(device, FIRST_SEED) }))
    .sort((one, other) => one.hash - other.hash || (one.device < other.device ? -1 : 1))
    .map(({ device }) => device);
}
