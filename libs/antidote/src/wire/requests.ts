import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { BoundObject } from '../crdt.ts';
import type { Update } from '../update.ts';
import { CODES } from './codes.ts';
import type { Frame } from './frames.ts';
import { inBytes, message, writeBytes, writeNested } from './message.ts';
import { writeObject } from './objects.ts';
import { writeUpdate } from './operations.ts';

/** A message to the server, the name it has in errors, and the code that its answer must bear. */
export interface Request extends Frame {
  readonly name: string;
  readonly answer: number;
}

/** Clocks and transaction descriptors are Erlang terms: opaque here, and handed back as they came. */
type Opaque = Uint8Array;

function writeStart(writer: BinaryWriter, after: Opaque | undefined): void {
  if (after !== undefined) writeBytes(writer, 1, after);
}

/** @param after a clock that the transaction must not be older than. */
export function staticRead(objects: readonly BoundObject[], after?: Opaque): Request {
  const body = message((writer) => {
    writeNested(writer, 1, (start) => writeStart(start, after));
    for (const object of objects) writeNested(writer, 2, (inner) => writeObject(inner, object));
  });
  return { name: 'static read', code: CODES.staticReadObjects, answer: CODES.staticReadObjectsReply, body };
}

export function staticUpdate(updates: readonly Update<BoundObject>[], after?: Opaque): Request {
  const body = message((writer) => {
    writeNested(writer, 1, (start) => writeStart(start, after));
    for (const update of updates) writeNested(writer, 2, (inner) => writeUpdate(inner, update));
  });
  return { name: 'static update', code: CODES.staticUpdateObjects, answer: CODES.commitReply, body };
}

export function startTransaction(after?: Opaque): Request {
  return {
    name: 'start of a transaction',
    code: CODES.startTransaction,
    answer: CODES.startTransactionReply,
    body: message((writer) => writeStart(writer, after)),
  };
}

export function readObjects(objects: readonly BoundObject[], transaction: Opaque): Request {
  const body = message((writer) => {
    for (const object of objects) writeNested(writer, 1, (inner) => writeObject(inner, object));
    writeBytes(writer, 2, transaction);
  });
  return { name: 'read', code: CODES.readObjects, answer: CODES.readObjectsReply, body };
}

export function updateObjects(updates: readonly Update<BoundObject>[], transaction: Opaque): Request {
  const body = message((writer) => {
    for (const update of updates) writeNested(writer, 1, (inner) => writeUpdate(inner, update));
    writeBytes(writer, 2, transaction);
  });
  return { name: 'update', code: CODES.updateObjects, answer: CODES.operationReply, body };
}

export function commitTransaction(transaction: Opaque): Request {
  const body = message((writer) => writeBytes(writer, 1, transaction));
  return { name: 'commit', code: CODES.commitTransaction, answer: CODES.commitReply, body };
}

export function abortTransaction(transaction: Opaque): Request {
  const body = message((writer) => writeBytes(writer, 1, transaction));
  return { name: 'abort', code: CODES.abortTransaction, answer: CODES.operationReply, body };
}

/** @param nodes Erlang node names, `antidote@host`, of the nodes that join the one that is asked. */
export function createDc(nodes: readonly string[]): Request {
  const body = message((writer) => {
    for (const node of nodes) writer.uint32(inBytes(1)).string(node);
  });
  return { name: 'creation of a data centre', code: CODES.createDc, answer: CODES.createDcReply, body };
}

export function getConnectionDescriptor(): Request {
  const { getConnectionDescriptor: code, getConnectionDescriptorReply: answer } = CODES;
  return { name: 'connection descriptor', code, answer, body: new Uint8Array() };
}

export function connectToDcs(descriptors: readonly Opaque[]): Request {
  const body = message((writer) => {
    for (const descriptor of descriptors) writeBytes(writer, 1, descriptor);
  });
  return { name: 'connection of data centres', code: CODES.connectToDcs, answer: CODES.connectToDcsReply, body };
}
