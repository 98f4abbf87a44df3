import type { BoundObject, Field } from '../crdt.ts';
import { ProtocolError } from '../errors.ts';
import type { Operation, Update } from '../update.ts';
import { CODES } from '../wire/codes.ts';
import type { Frame } from '../wire/frames.ts';
import { inBytes, inVarint, readMessage, required } from '../wire/message.ts';
import { readField, readObject } from '../wire/objects.ts';
import { OPERATION_FIELDS, SET_OPERATIONS } from '../wire/operations.ts';

/** A request as a server understands it. */
export type ClientRequest =
  | { readonly kind: 'read'; readonly objects: readonly BoundObject[]; readonly transaction: string }
  | { readonly kind: 'update'; readonly updates: readonly Update<BoundObject>[]; readonly transaction: string }
  | { readonly kind: 'start'; readonly after: Uint8Array | undefined }
  | { readonly kind: 'abort'; readonly transaction: string }
  | { readonly kind: 'commit'; readonly transaction: string }
  | { readonly kind: 'static read'; readonly objects: readonly BoundObject[]; readonly after: Uint8Array | undefined }
  | {
      readonly kind: 'static update';
      readonly updates: readonly Update<BoundObject>[];
      readonly after: Uint8Array | undefined;
    }
  | { readonly kind: 'create'; readonly nodes: readonly string[] }
  | { readonly kind: 'connect'; readonly descriptors: readonly Uint8Array[] }
  | { readonly kind: 'descriptor' };

/** @throws {ProtocolError} on what is no request. */
export function readRequest({ code, body }: Frame): ClientRequest {
  const parts = lengthDelimited(body);
  const name = (field: number): string => Buffer.from(required('the transaction', parts(field)[0])).toString('hex');
  switch (code) {
    case CODES.readObjects:
      return { kind: 'read', objects: parts(1).map(readObject), transaction: name(2) };
    case CODES.updateObjects:
      return { kind: 'update', updates: parts(1).map(readUpdate), transaction: name(2) };
    case CODES.startTransaction:
      return { kind: 'start', after: parts(1)[0] };
    case CODES.abortTransaction:
      return { kind: 'abort', transaction: name(1) };
    case CODES.commitTransaction:
      return { kind: 'commit', transaction: name(1) };
    case CODES.staticReadObjects:
      return { kind: 'static read', objects: parts(2).map(readObject), after: after(parts(1)[0]) };
    case CODES.staticUpdateObjects:
      return { kind: 'static update', updates: parts(2).map(readUpdate), after: after(parts(1)[0]) };
    case CODES.createDc:
      return { kind: 'create', nodes: parts(1).map((node) => Buffer.from(node).toString()) };
    case CODES.connectToDcs:
      return { kind: 'connect', descriptors: parts(1) };
    case CODES.getConnectionDescriptor:
      return { kind: 'descriptor' };
    default:
      throw new ProtocolError(`no request has the code ${code}`);
  }
}

/** All fields of a message that hold bytes, by number. */
function lengthDelimited(bytes: Uint8Array): (field: number) => Uint8Array[] {
  const found = new Map<number, Uint8Array[]>();
  readMessage('a request', bytes, (tag, reader) => {
    if (tag !== inBytes(tag >>> 3)) return false;
    const values = found.get(tag) ?? [];
    found.set(tag, values);
    values.push(reader.bytes());
    return true;
  });
  return (field) => found.get(inBytes(field)) ?? [];
}

function after(start: Uint8Array | undefined): Uint8Array | undefined {
  return lengthDelimited(required('the start of the transaction', start))(1)[0];
}

function readUpdate(bytes: Uint8Array): Update<BoundObject> {
  const parts = lengthDelimited(bytes);
  return {
    target: readObject(required('an update’s object', parts(1)[0])),
    operation: readOperation(required('an update’s operation', parts(2)[0])),
  };
}

function readOperation(bytes: Uint8Array): Operation {
  const parts = lengthDelimited(bytes);
  const [counter] = parts(OPERATION_FIELDS.counter);
  if (counter !== undefined) return readIncrement(counter);
  const [set] = parts(OPERATION_FIELDS.set);
  if (set !== undefined) return readSetOperation(set);
  const [register] = parts(OPERATION_FIELDS.register);
  if (register !== undefined) {
    return { kind: 'assign', value: required('a register’s value', lengthDelimited(register)(1)[0]) };
  }
  const [map] = parts(OPERATION_FIELDS.map);
  if (map !== undefined) return readMapOperation(map);
  const [flag] = parts(OPERATION_FIELDS.flag);
  if (flag !== undefined) return { kind: 'flag', value: varint(flag) === 1n };
  required('an operation', parts(OPERATION_FIELDS.reset)[0]);
  return { kind: 'reset' };
}

function varint(bytes: Uint8Array): bigint | undefined {
  let value: bigint | undefined;
  readMessage('a number', bytes, (tag, reader) => {
    if (tag !== inVarint(1)) return false;
    value = BigInt(reader.uint64());
    return true;
  });
  return value;
}

function readIncrement(bytes: Uint8Array): Operation {
  let by = 1n;
  readMessage('an increment', bytes, (tag, reader) => {
    if (tag !== inVarint(1)) return false;
    by = BigInt(reader.sint64());
    return true;
  });
  return { kind: 'increment', by };
}

function readSetOperation(bytes: Uint8Array): Operation {
  const parts = lengthDelimited(bytes);
  return varint(bytes) === BigInt(SET_OPERATIONS.add)
    ? { kind: 'add', elements: parts(2) }
    : { kind: 'remove', elements: parts(3) };
}

function readMapOperation(bytes: Uint8Array): Operation {
  const parts = lengthDelimited(bytes);
  const updates = parts(1).map((entry): Update => {
    const inner = lengthDelimited(entry);
    return {
      target: readField(required('a map update’s key', inner(1)[0])),
      operation: readOperation(required('a map update’s operation', inner(2)[0])),
    };
  });
  const removed: Field[] = parts(2).map(readField);
  return { kind: 'map', updates, removed };
}
