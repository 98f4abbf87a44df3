import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { CRDT_TYPES, type BoundObject, type CrdtType, type Field } from '../crdt.ts';
import { ProtocolError } from '../errors.ts';
import { inBytes, inVarint, readMessage, required, writeBytes, writeUint32 } from './message.ts';

const NAMES = new Map(Object.entries(CRDT_TYPES).map(([name, number]) => [number as number, name as CrdtType]));

function typeOf(number: number): CrdtType {
  const name = NAMES.get(number);
  if (name === undefined) throw new ProtocolError(`an object of the unknown type ${number} came`);
  return name;
}

export function writeField(writer: BinaryWriter, { key, type }: Field): void {
  writeBytes(writer, 1, key);
  writeUint32(writer, 2, CRDT_TYPES[type]);
}

export function writeObject(writer: BinaryWriter, object: BoundObject): void {
  writeField(writer, object);
  writeBytes(writer, 3, object.bucket);
}

export function readField(bytes: Uint8Array): Field {
  let key: Uint8Array | undefined;
  let type: number | undefined;
  readMessage('a map’s key', bytes, (tag, reader) => {
    if (tag === inBytes(1)) key = reader.bytes();
    else if (tag === inVarint(2)) type = reader.int32();
    else return false;
    return true;
  });
  return { key: required('a map’s key', key), type: typeOf(required('a map’s key’s type', type)) };
}

export function readObject(bytes: Uint8Array): BoundObject {
  let bucket: Uint8Array | undefined;
  readMessage('an object', bytes, (tag, reader) => {
    if (tag !== inBytes(3)) return false;
    bucket = reader.bytes();
    return true;
  });
  return { ...readField(bytes), bucket: required('an object’s bucket', bucket) };
}
