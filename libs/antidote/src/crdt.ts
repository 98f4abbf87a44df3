import { type Bytes, toBytes } from './bytes.ts';

/**
 * The types that the server reads and writes over the wire, with their numbers in the protocol. `BCOUNTER` (15) is
 * declared there too, but the server can neither decode its updates nor encode its value.
 */
export const CRDT_TYPES = {
  counter_pn: 3,
  set_aw: 4,
  register_lww: 5,
  register_mv: 6,
  map_go: 8,
  set_rw: 10,
  map_rr: 11,
  counter_fat: 12,
  flag_ew: 13,
  flag_dw: 14,
} as const;

export type CrdtType = keyof typeof CRDT_TYPES;
export type CounterType = 'counter_pn' | 'counter_fat';
export type SetType = 'set_aw' | 'set_rw';
export type RegisterType = 'register_lww' | 'register_mv';
export type FlagType = 'flag_ew' | 'flag_dw';
export type MapType = 'map_go' | 'map_rr';
/** Those that can be taken back to their first value. */
export type ResettableType = 'counter_fat' | 'set_aw' | 'set_rw' | 'register_mv' | 'flag_ew' | 'flag_dw' | 'map_rr';

/** What stands under a key in a map. */
export interface Field<T extends CrdtType = CrdtType> {
  readonly type: T;
  readonly key: Uint8Array;
}

/**
 * What stands under a key in a bucket. The server tells objects apart by key and bucket only: use a key for one type,
 * or the object becomes unreadable.
 */
export interface BoundObject<T extends CrdtType = CrdtType> extends Field<T> {
  readonly bucket: Uint8Array;
}

/** Names what stands under `key` in `bucket`. Text is taken as UTF-8. */
export function object<T extends CrdtType>(type: T, key: Bytes, bucket: Bytes): BoundObject<T> {
  return { type, key: toBytes(key), bucket: toBytes(bucket) };
}

/** Names what stands under `key` in a map. */
export function field<T extends CrdtType>(type: T, key: Bytes): Field<T> {
  return { type, key: toBytes(key) };
}
