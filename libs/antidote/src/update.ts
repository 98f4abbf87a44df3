import { type Bytes, toBytes } from './bytes.ts';
import type { CounterType, Field, FlagType, MapType, RegisterType, ResettableType, SetType } from './crdt.ts';

/** What is done to one object. */
export type Operation =
  | { readonly kind: 'increment'; readonly by: bigint }
  | { readonly kind: 'add'; readonly elements: readonly Uint8Array[] }
  | { readonly kind: 'remove'; readonly elements: readonly Uint8Array[] }
  | { readonly kind: 'assign'; readonly value: Uint8Array }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'map'; readonly updates: readonly Update[]; readonly removed: readonly Field[] }
  | { readonly kind: 'reset' };

/** An operation and what it is done to: a field of a map, or an object in a bucket. */
export interface Update<F extends Field = Field> {
  readonly target: F;
  readonly operation: Operation;
}

/** The range of the protocol's sint64. */
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Adds to a counter.
 *
 * @param by 1 by default; negative takes away.
 * @throws {RangeError} when it is not an integer of 64 bits.
 */
export function increment<F extends Field<CounterType>>(target: F, by: bigint | number = 1n): Update<F> {
  const amount = BigInt(by);
  if (amount < INT64_MIN || amount > INT64_MAX) throw new RangeError(`${amount} does not fit in 64 bits`);
  return { target, operation: { kind: 'increment', by: amount } };
}

/** Adds elements to a set: many at once cost the server far less than one after the other. */
export function add<F extends Field<SetType>>(target: F, ...elements: readonly Bytes[]): Update<F> {
  return { target, operation: { kind: 'add', elements: elements.map(toBytes) } };
}

/** Takes elements out of a set. */
export function remove<F extends Field<SetType>>(target: F, ...elements: readonly Bytes[]): Update<F> {
  return { target, operation: { kind: 'remove', elements: elements.map(toBytes) } };
}

/** Gives a register its value. */
export function assign<F extends Field<RegisterType>>(target: F, value: Bytes): Update<F> {
  return { target, operation: { kind: 'assign', value: toBytes(value) } };
}

/** Raises or lowers a flag. Of two that do so at once, `flag_ew` keeps it up, `flag_dw` down. */
export function setFlag<F extends Field<FlagType>>(target: F, value: boolean): Update<F> {
  return { target, operation: { kind: 'flag', value } };
}

/** Updates fields of a map: `inMap(scores, increment(field('counter_pn', 'ada'), 3))`. */
export function inMap<F extends Field<MapType>>(target: F, ...updates: readonly Update[]): Update<F> {
  return { target, operation: { kind: 'map', updates, removed: [] } };
}

/** Takes fields out of a map. A field of a type that cannot be reset (`register_lww`, `counter_pn`) only disappears
 * when nothing of it is left, so it stays. */
export function removeFields<F extends Field<'map_rr'>>(target: F, ...removed: readonly Field[]): Update<F> {
  return { target, operation: { kind: 'map', updates: [], removed } };
}

/** Takes an object back to its first value. */
export function reset<F extends Field<ResettableType>>(target: F): Update<F> {
  return { target, operation: { kind: 'reset' } };
}
