import { Packr } from './msgpack.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Values one after the other, as they go over the wire: headers and bodies have nothing between them. */
export function encoded(...values: readonly unknown[]): Uint8Array {
  return Buffer.concat(values.map((value) => packr.pack(value)));
}

/** A number that the agent reads as a 64-bit integer; as a `number` a large one would go as a float, which it refuses. */
export function integer(value: number | bigint): number | bigint {
  return typeof value === 'number' && value > 0xffff_ffff ? BigInt(value) : value;
}
