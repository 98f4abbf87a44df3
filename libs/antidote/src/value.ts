import { sameBytes } from './bytes.ts';
import type { CrdtType, CounterType, Field, FlagType, MapType, SetType } from './crdt.ts';

/** What an object of a type reads as. What was never written reads as 0, no elements, no bytes, false, no fields. */
export type ValueOf<T extends CrdtType> = T extends CounterType
  ? bigint
  : T extends SetType
    ? readonly Uint8Array[]
    : T extends 'register_lww'
      ? Uint8Array
      : /** Several where writers did not see each other. */
        T extends 'register_mv'
        ? readonly Uint8Array[]
        : T extends FlagType
          ? boolean
          : T extends MapType
            ? MapValue
            : never;

/** The value of any object. */
export type Value = bigint | boolean | Uint8Array | readonly Uint8Array[] | MapValue;

/** The values of several objects, in their order. */
export type ValuesOf<F extends readonly Field[]> = { -readonly [I in keyof F]: ValueOf<F[I]['type']> };

export interface MapEntry {
  readonly field: Field;
  readonly value: Value;
}

/** What a map read as. */
export class MapValue {
  readonly entries: readonly MapEntry[];

  constructor(entries: readonly MapEntry[]) {
    this.entries = entries;
  }

  /** The value of a field, or `undefined` where the map has none of that key and type. */
  get<T extends CrdtType>(wanted: Field<T>): ValueOf<T> | undefined {
    const entry = this.entries.find(({ field }) => field.type === wanted.type && sameBytes(field.key, wanted.key));
    return entry?.value as ValueOf<T> | undefined;
  }
}
