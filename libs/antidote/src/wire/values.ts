import type { Field } from '../crdt.ts';
import { ProtocolError } from '../errors.ts';
import { MapValue, type MapEntry, type Value } from '../value.ts';
import { inBytes, inVarint, readMessage, required } from './message.ts';
import { readField } from './objects.ts';

/** Numbers of the fields in which values of the types come. */
export const VALUE_FIELDS = { counter: 1, set: 2, register_lww: 3, register_mv: 4, map: 6, flag: 7 } as const;

/** Maps in maps: deeper ones are taken for garbage before they fill the stack. */
const DEEPEST = 64;

/** Reads the value of an object; its type tells what must be there. */
export function readValue({ type }: Field, bytes: Uint8Array, depth = 0): Value {
  if (depth > DEEPEST) throw new ProtocolError(`a map ${depth} deep came; at most ${DEEPEST} are read`);
  switch (type) {
    case 'counter_pn':
    case 'counter_fat':
      return readCounter(only(bytes, VALUE_FIELDS.counter, 'a counter’s value'));
    case 'set_aw':
    case 'set_rw':
      return readElements(only(bytes, VALUE_FIELDS.set, 'a set’s value'), 'a set’s value');
    case 'register_mv':
      return readElements(only(bytes, VALUE_FIELDS.register_mv, 'a register’s values'), 'a register’s values');
    case 'register_lww':
      return only(only(bytes, VALUE_FIELDS.register_lww, 'a register’s value'), 1, 'a register’s value');
    case 'flag_ew':
    case 'flag_dw':
      return readFlag(only(bytes, VALUE_FIELDS.flag, 'a flag’s value'));
    case 'map_go':
    case 'map_rr':
      return readMap(only(bytes, VALUE_FIELDS.map, 'a map’s value'), depth);
  }
}

/** The bytes of one field of a message. */
function only(bytes: Uint8Array, field: number, what: string): Uint8Array {
  let found: Uint8Array | undefined;
  readMessage(what, bytes, (tag, reader) => {
    if (tag !== inBytes(field)) return false;
    found = reader.bytes();
    return true;
  });
  return required(what, found);
}

/** Declared sint32 by the protocol; the server sends what the counter holds, which may be more. */
function readCounter(bytes: Uint8Array): bigint {
  let value: bigint | undefined;
  readMessage('a counter’s value', bytes, (tag, reader) => {
    if (tag !== inVarint(1)) return false;
    value = BigInt(reader.sint64());
    return true;
  });
  return required('a counter’s value', value);
}

function readElements(bytes: Uint8Array, what: string): Uint8Array[] {
  const elements: Uint8Array[] = [];
  readMessage(what, bytes, (tag, reader) => {
    if (tag !== inBytes(1)) return false;
    elements.push(reader.bytes());
    return true;
  });
  return elements;
}

function readFlag(bytes: Uint8Array): boolean {
  let value: boolean | undefined;
  readMessage('a flag’s value', bytes, (tag, reader) => {
    if (tag !== inVarint(1)) return false;
    value = reader.bool();
    return true;
  });
  return required('a flag’s value', value);
}

function readMap(bytes: Uint8Array, depth: number): MapValue {
  return new MapValue(
    readElements(bytes, 'a map’s value').map((entry): MapEntry => {
      const field = readField(only(entry, 1, 'a map entry’s key'));
      return { field, value: readValue(field, only(entry, 2, 'a map entry’s value'), depth + 1) };
    }),
  );
}
