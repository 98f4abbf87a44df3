import { sameBytes } from '../bytes.ts';
import type { CrdtType, Field } from '../crdt.ts';
import type { Operation } from '../update.ts';
import { MapValue, type Value } from '../value.ts';

/** What an object of a type reads as before anything was written. */
export function firstValue(type: CrdtType): Value {
  switch (type) {
    case 'counter_pn':
    case 'counter_fat':
      return 0n;
    case 'set_aw':
    case 'set_rw':
    case 'register_mv':
      return [];
    case 'register_lww':
      return new Uint8Array();
    case 'flag_ew':
    case 'flag_dw':
      return false;
    case 'map_go':
    case 'map_rr':
      return new MapValue([]);
  }
}

const RESETTABLE: ReadonlySet<CrdtType> = new Set([
  'counter_fat',
  'set_aw',
  'set_rw',
  'register_mv',
  'flag_ew',
  'flag_dw',
  'map_rr',
]);

/**
 * The value after an operation, where all operations come one after the other.
 *
 * @throws {Error} when the type has no such operation; its message is what the server writes then.
 */
export function applied(type: CrdtType, value: Value, operation: Operation): Value {
  switch (operation.kind) {
    case 'increment':
      if (typeof value !== 'bigint') break;
      return value + operation.by;
    case 'add':
      if (!type.startsWith('set_')) break;
      return [...without(value, operation.elements), ...operation.elements].sort((a, b) => Buffer.compare(a, b));
    case 'remove':
      if (!type.startsWith('set_')) break;
      return without(value, operation.elements);
    case 'assign':
      if (type === 'register_lww') return operation.value;
      if (type !== 'register_mv') break;
      return [operation.value];
    case 'flag':
      if (typeof value !== 'boolean') break;
      return operation.value;
    case 'map':
      if (!(value instanceof MapValue)) break;
      return operation.removed.reduce(withoutField, operation.updates.reduce(withField, value));
    case 'reset':
      if (!RESETTABLE.has(type)) break;
      return firstValue(type);
  }
  throw new Error('error: function_clause');
}

function without(value: Value, elements: readonly Uint8Array[]): Uint8Array[] {
  return (value as readonly Uint8Array[]).filter((one) => !elements.some((other) => sameBytes(one, other)));
}

function withField(map: MapValue, { target, operation }: { target: Field; operation: Operation }): MapValue {
  const value = applied(target.type, map.get(target) ?? firstValue(target.type), operation);
  return new MapValue([...othersThan(map, target), { field: target, value }]);
}

/** A field that cannot be reset stays. */
function withoutField(map: MapValue, field: Field): MapValue {
  return RESETTABLE.has(field.type) ? new MapValue(othersThan(map, field)) : map;
}

function othersThan({ entries }: MapValue, { type, key }: Field): MapValue['entries'] {
  return entries.filter(({ field }) => field.type !== type || !sameBytes(field.key, key));
}
