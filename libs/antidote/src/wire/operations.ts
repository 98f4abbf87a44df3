import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { BoundObject } from '../crdt.ts';
import type { Operation, Update } from '../update.ts';
import { inVarint, writeBool, writeBytes, writeNested, writeUint32 } from './message.ts';
import { writeField, writeObject } from './objects.ts';

/** Numbers of the fields of an operation, and of the kinds of a set's. */
export const OPERATION_FIELDS = { counter: 1, set: 2, register: 3, map: 5, reset: 6, flag: 7 } as const;
export const SET_OPERATIONS = { add: 1, remove: 2 } as const;

function writeOperation(writer: BinaryWriter, operation: Operation): void {
  switch (operation.kind) {
    case 'increment':
      writeNested(writer, OPERATION_FIELDS.counter, (inner) => inner.uint32(inVarint(1)).sint64(operation.by));
      break;
    case 'add':
      writeNested(writer, OPERATION_FIELDS.set, (inner) => {
        writeUint32(inner, 1, SET_OPERATIONS.add);
        for (const element of operation.elements) writeBytes(inner, 2, element);
      });
      break;
    case 'remove':
      writeNested(writer, OPERATION_FIELDS.set, (inner) => {
        writeUint32(inner, 1, SET_OPERATIONS.remove);
        for (const element of operation.elements) writeBytes(inner, 3, element);
      });
      break;
    case 'assign':
      writeNested(writer, OPERATION_FIELDS.register, (inner) => writeBytes(inner, 1, operation.value));
      break;
    case 'flag':
      writeNested(writer, OPERATION_FIELDS.flag, (inner) => writeBool(inner, 1, operation.value));
      break;
    case 'map':
      writeNested(writer, OPERATION_FIELDS.map, (inner) => {
        for (const update of operation.updates) {
          writeNested(inner, 1, (entry) => {
            writeNested(entry, 1, (key) => writeField(key, update.target));
            writeNested(entry, 2, (nested) => writeOperation(nested, update.operation));
          });
        }
        for (const removed of operation.removed) writeNested(inner, 2, (key) => writeField(key, removed));
      });
      break;
    case 'reset':
      writeNested(writer, OPERATION_FIELDS.reset, () => {});
      break;
  }
}

export function writeUpdate(writer: BinaryWriter, { target, operation }: Update<BoundObject>): void {
  writeNested(writer, 1, (object) => writeObject(object, target));
  writeNested(writer, 2, (inner) => writeOperation(inner, operation));
}
