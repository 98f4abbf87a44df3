/** Whatever goes wrong between this client and an agent; the subclass says what. */
export class SerfError extends Error {
  override readonly name: string = 'SerfError';
}

/** The agent could not be reached in the time that the request had. It was not sent. */
export class NotConnectedError extends SerfError {
  override readonly name = 'NotConnectedError';
}

/** The connection ended before the answer came. Whether the request was carried out is not known. */
export class ConnectionClosedError extends SerfError {
  override readonly name = 'ConnectionClosedError';
}

/** The agent did not answer in time. The connection is given up. Whether the request was carried out is not known. */
export class RequestTimeoutError extends SerfError {
  override readonly name = 'RequestTimeoutError';
}

/** What came is not Serf's protocol, or more than is taken. The connection is given up. */
export class ProtocolError extends SerfError {
  override readonly name = 'ProtocolError';
}

/** The agent answered that it will not do what was asked, or it is known that it would. */
export class RequestRefusedError extends SerfError {
  override readonly name: string = 'RequestRefusedError';
  /** What was asked for, such as `tags`. */
  readonly command: string;
  /** What the agent wrote, or would. */
  readonly reason: string;

  constructor(command: string, reason: string, message = `${command}: the agent refuses: ${reason}`) {
    super(message);
    this.command = command;
    this.reason = reason;
  }
}

/** The agent wants a key and got none, or another one (`rpc_auth` of its configuration). */
export class AuthenticationError extends RequestRefusedError {
  override readonly name = 'AuthenticationError';
}

/** More than Serf carries: tags, an event, a query or its response. Nothing was changed. */
export class TooLargeError extends RequestRefusedError {
  override readonly name = 'TooLargeError';
  readonly limit_bytes: number;

  constructor(command: string, reason: string, limit_bytes: number, message?: string) {
    super(command, reason, message);
    this.limit_bytes = limit_bytes;
  }
}

/** The agent's texts where it asks for a key or does not like the one it got. */
const AUTHENTICATION = new Set(['Authentication required', 'Invalid authentication token']);

/** The error for the text in an answer. */
export function refusal(command: string, reason: string): RequestRefusedError {
  if (AUTHENTICATION.has(reason)) return new AuthenticationError(command, reason);
  // “Encoded length of tags exceeds limit of 512 bytes”, “user event exceeds configured limit of 512 bytes before encoding” …
  const limit = /exceeds .*limit of (\d+) bytes/.exec(reason)?.[1];
  return limit === undefined
    ? new RequestRefusedError(command, reason)
    : new TooLargeError(command, reason, Number(limit));
}
