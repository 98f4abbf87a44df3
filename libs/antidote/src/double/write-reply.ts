import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { CrdtType, Field } from '../crdt.ts';
import { MapValue, type Value } from '../value.ts';
import { CODES } from '../wire/codes.ts';
import type { Frame } from '../wire/frames.ts';
import { inVarint, message, writeBool, writeBytes, writeNested, writeUint32, type Write } from '../wire/message.ts';
import { writeField } from '../wire/objects.ts';
import { VALUE_FIELDS } from '../wire/values.ts';

/** What was read, each with its value. */
export type Read = readonly (readonly [Field, Value])[];

export function errorReply(code: number, trace: string): Frame {
  const body = message((writer) => {
    writeBytes(writer, 1, Buffer.from(trace));
    writeUint32(writer, 2, code);
  });
  return { code: CODES.error, body };
}

/** The answer that has nothing to give but success. */
export function doneReply(code: number): Frame {
  return { code, body: message((writer) => writeBool(writer, 1, true)) };
}

/** The answer that gives something opaque. */
export function opaqueReply(code: number, opaque: Uint8Array): Frame {
  return { code, body: message(opaqueBody(opaque)) };
}

/** @param field where the error code stands in this answer: 2, or 3 where something opaque may stand. */
export function failedReply(code: number, errorCode: number, field: 2 | 3): Frame {
  const body = message((writer) => {
    writeBool(writer, 1, false);
    writeUint32(writer, field, errorCode);
  });
  return { code, body };
}

export function readReply(read: Read): Frame {
  return { code: CODES.readObjectsReply, body: message(valuesBody(read)) };
}

export function staticReadReply(read: Read, clock: Uint8Array): Frame {
  const body = message((writer) => {
    writeNested(writer, 1, valuesBody(read));
    writeNested(writer, 2, opaqueBody(clock));
  });
  return { code: CODES.staticReadObjectsReply, body };
}

function opaqueBody(opaque: Uint8Array): Write {
  return (writer) => {
    writeBool(writer, 1, true);
    writeBytes(writer, 2, opaque);
  };
}

function valuesBody(read: Read): Write {
  return (writer) => {
    writeBool(writer, 1, true);
    for (const [{ type }, value] of read) writeNested(writer, 2, (inner) => writeValue(inner, type, value));
  };
}

function writeValue(writer: BinaryWriter, type: CrdtType, value: Value): void {
  writeNested(writer, valueField(type), (inner) => {
    if (typeof value === 'bigint') inner.uint32(inVarint(1)).sint64(value);
    else if (typeof value === 'boolean') writeBool(inner, 1, value);
    else if (value instanceof Uint8Array) writeBytes(inner, 1, value);
    else if (value instanceof MapValue) writeEntries(inner, value);
    else for (const element of value) writeBytes(inner, 1, element);
  });
}

function writeEntries(writer: BinaryWriter, { entries }: MapValue): void {
  for (const { field, value } of entries) {
    writeNested(writer, 1, (entry) => {
      writeNested(entry, 1, (key) => writeField(key, field));
      writeNested(entry, 2, (inner) => writeValue(inner, field.type, value));
    });
  }
}

function valueField(type: CrdtType): number {
  if (type === 'register_lww' || type === 'register_mv') return VALUE_FIELDS[type];
  return VALUE_FIELDS[type.split('_')[0] as 'counter' | 'set' | 'map' | 'flag'];
}
