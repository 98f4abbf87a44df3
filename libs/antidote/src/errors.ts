/** Whatever goes wrong between this client and a server; the subclass says what. */
export class AntidoteError extends Error {
  override readonly name: string = 'AntidoteError';
}

/** No server could be reached in the time that the request had. It was not sent. */
export class NotConnectedError extends AntidoteError {
  override readonly name = 'NotConnectedError';
}

/** The connection ended before the answer came. Whether the request was carried out is not known. */
export class ConnectionClosedError extends AntidoteError {
  override readonly name = 'ConnectionClosedError';
}

/**
 * The answer did not come in time. The connection is given up, so that a late answer is not taken for the next
 * request's. Whether the request was carried out is not known.
 */
export class RequestTimeoutError extends AntidoteError {
  override readonly name = 'RequestTimeoutError';
}

/** What came is not AntidoteDB's protocol, or not the answer to what was asked. The connection is given up. */
export class ProtocolError extends AntidoteError {
  override readonly name = 'ProtocolError';
}

/** The error codes of the protocol; most mistakes come as `unknown`, with an Erlang stack trace. */
export const ERROR_CODES = { unknown: 0, timeout: 1, noPermissions: 2, aborted: 3 } as const;

/** The server answered that it could not do what was asked. */
export class ServerError extends AntidoteError {
  override readonly name: string = 'ServerError';
  /** As in `ERROR_CODES`; other numbers are the server's own. */
  readonly code: number;
  /** What the server wrote, most often an Erlang stack trace. The error's message has its first line. */
  readonly trace: string;

  constructor(request: string, code: number, trace = '') {
    super(`${request}: ${explained(code)}${trace === '' ? '' : `: ${firstLine(trace)}`}`);
    this.code = code;
    this.trace = trace;
  }
}

/** Another transaction wrote the same objects at the same time. Nothing of this one was done; it may be tried again. */
export class TransactionAbortedError extends ServerError {
  override readonly name = 'TransactionAbortedError';

  constructor(request: string, trace = '') {
    super(request, ERROR_CODES.aborted, trace);
  }
}

/** The error for an error code in an answer. */
export function serverError(request: string, code: number, trace = ''): ServerError {
  return code === ERROR_CODES.aborted
    ? new TransactionAbortedError(request, trace)
    : new ServerError(request, code, trace);
}

function explained(code: number): string {
  switch (code) {
    case ERROR_CODES.unknown:
      return 'the server failed';
    case ERROR_CODES.timeout:
      return 'the server ran out of time';
    case ERROR_CODES.noPermissions:
      return 'the server does not allow it';
    case ERROR_CODES.aborted:
      return 'aborted, since another transaction wrote the same objects';
    default:
      return `error code ${code}`;
  }
}

/** Erlang wraps its terms: the first line that says something, cut where it would fill a screen. */
function firstLine(trace: string): string {
  const line = trace.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
