import type { BoundObject } from '../crdt.ts';
import { ERROR_CODES, ProtocolError, ServerError, serverError, TransactionAbortedError } from '../errors.ts';
import type { Value } from '../value.ts';
import { CODES } from './codes.ts';
import type { Frame } from './frames.ts';
import { inBytes, inVarint, readMessage, required } from './message.ts';
import type { Request } from './requests.ts';
import { readValue } from './values.ts';

const decoder = new TextDecoder();

/**
 * The body of the answer to a request.
 *
 * @throws {ServerError} when the server answered with an error.
 * @throws {ProtocolError} when it is the answer to something else.
 */
export function answerTo(request: Request, { code, body }: Frame): Uint8Array {
  if (code === request.answer) return body;
  if (code === CODES.error) throw readError(request.name, body);
  throw new ProtocolError(`${request.name}: an answer of code ${request.answer} was due, ${code} came`);
}

function readError(request: string, body: Uint8Array): Error {
  let text: Uint8Array = new Uint8Array();
  let code: number | undefined;
  readMessage('an error', body, (tag, reader) => {
    if (tag === inBytes(1)) text = reader.bytes();
    else if (tag === inVarint(2)) code = reader.uint32();
    else return false;
    return true;
  });
  return serverError(request, required('an error’s code', code), decoder.decode(text));
}

/**
 * Most answers say whether it went well, and give something opaque or an error code. The code stands in field 2 where
 * nothing opaque can, else in field 3; the wire type tells them apart.
 *
 * @returns what is opaque: a transaction's descriptor, a commit's clock, a data centre's descriptor.
 */
function readOutcome(request: string, body: Uint8Array): Uint8Array | undefined {
  let success: boolean | undefined;
  let opaque: Uint8Array | undefined;
  let code: number = ERROR_CODES.unknown;
  readMessage(`the answer to a ${request}`, body, (tag, reader) => {
    if (tag === inVarint(1)) success = reader.bool();
    else if (tag === inBytes(2)) opaque = reader.bytes();
    else if (tag === inVarint(2) || tag === inVarint(3)) code = reader.uint32();
    else return false;
    return true;
  });
  if (!required(`the outcome of a ${request}`, success)) throw serverError(request, code);
  return opaque;
}

/** Throws unless the answer says that it was done. */
export function readDone({ name }: Request, body: Uint8Array): void {
  readOutcome(name, body);
}

/** The same about data centres, where the server calls every failure aborted: trying again would not help. */
export function readManaged({ name }: Request, body: Uint8Array): void {
  try {
    readOutcome(name, body);
  } catch (error) {
    if (!(error instanceof TransactionAbortedError)) throw error;
    throw new ServerError(name, ERROR_CODES.unknown, 'its log says why: it may be a node or address out of its reach');
  }
}

/** What the answer gives back, opaque here. */
export function readOpaque({ name }: Request, body: Uint8Array): Uint8Array {
  return required(`what a ${name} gives`, readOutcome(name, body));
}

/** The values of the objects that were asked for, in their order. */
export function readValues({ name }: Request, objects: readonly BoundObject[], body: Uint8Array): Value[] {
  let success: boolean | undefined;
  let code: number = ERROR_CODES.unknown;
  const values: Uint8Array[] = [];
  readMessage(`the answer to a ${name}`, body, (tag, reader) => {
    if (tag === inVarint(1)) success = reader.bool();
    else if (tag === inBytes(2)) values.push(reader.bytes());
    else if (tag === inVarint(3)) code = reader.uint32();
    else return false;
    return true;
  });
  if (!required(`the outcome of a ${name}`, success)) throw serverError(name, code);
  if (values.length !== objects.length) {
    throw new ProtocolError(`${name}: ${objects.length} objects were asked for, ${values.length} came`);
  }
  return objects.map((object, index) => readValue(object, values[index] ?? new Uint8Array()));
}

/** Values and clock of the answer to a static read. */
export function readSnapshot(
  request: Request,
  objects: readonly BoundObject[],
  body: Uint8Array,
): { readonly values: Value[]; readonly clock: Uint8Array } {
  let values: Uint8Array | undefined;
  let commit: Uint8Array | undefined;
  readMessage(`the answer to a ${request.name}`, body, (tag, reader) => {
    if (tag === inBytes(1)) values = reader.bytes();
    else if (tag === inBytes(2)) commit = reader.bytes();
    else return false;
    return true;
  });
  return {
    values: readValues(request, objects, required('the objects of a static read', values)),
    clock: readOpaque(request, required('the clock of a static read', commit)),
  };
}
