/** The types of SNMP values (RFC 2578 §7, RFC 3416 §3), exceptions included. */
export type SnmpType =
  | 'integer'
  | 'string'
  | 'oid'
  | 'ip'
  | 'counter32'
  | 'gauge32'
  | 'timeticks'
  | 'counter64'
  | 'opaque'
  | 'null'
  | 'no_such_object'
  | 'no_such_instance'
  | 'end_of_mib_view';

/** One variable binding: an object's instance and its value. */
export interface Varbind {
  readonly oid: string;
  readonly type: SnmpType;
  /** A number for integers, counters of 32 bits, gauges and ticks; a bigint for counters of 64 bits; bytes for strings. */
  readonly value: number | bigint | string | Uint8Array | null;
}

export type SnmpVersion = '1' | '2c' | '3';

/**
 * Requests to one agent with one set of credentials. The port: `NetSnmpSession` speaks UDP, `MemorySession` is its twin
 * in tests; `./session-contract.ts` holds both to the same behaviour.
 *
 * One request at a time. Every method rejects with a `SnmpError`; retries are the session's own business.
 */
export interface SnmpSession {
  readonly version: SnmpVersion;

  /** Reads instances. Gives one varbind for each, in their order. */
  get(oids: readonly string[]): Promise<Varbind[]>;

  /** Reads the instance that follows each OID. Gives one varbind for each, in their order. */
  getNext(oids: readonly string[]): Promise<Varbind[]>;

  /**
   * GETBULK (RFC 3416 §4.2.3); not for version 1. Gives the varbinds as they came: first one for each non-repeater,
   * then row after row of the repeaters. The last row may be cut short.
   */
  getBulk(oids: readonly string[], nonRepeaters: number, maxRepetitions: number): Promise<Varbind[]>;

  /** Gives up what is under way: it rejects with `SnmpClosed`. */
  close(): void;
}

/** Why a request brought nothing. */
export class SnmpError extends Error {
  override readonly name: string = 'SnmpError';
}

/** No answer within the timeout, after all retries. */
export class SnmpTimeout extends SnmpError {
  override readonly name = 'SnmpTimeout';
}

/** The agent answered with an error status (RFC 3416 §3). */
export class SnmpErrorStatus extends SnmpError {
  override readonly name = 'SnmpErrorStatus';
  /** `too_big`, `no_such_name`, `gen_err` or another name of RFC 3416, in snake case. */
  readonly status: string;
  /** Which varbind of the request is at fault, from 1; 0: none or unknown. */
  readonly index: number;

  constructor(status: string, index: number) {
    super(`the agent answered ${status}${index > 0 ? ` for the request's object ${index}` : ''}`);
    this.status = status;
    this.index = index;
  }
}

/** The agent refused the SNMPv3 user or its keys, or its answer was not authentic. */
export class SnmpSecurityError extends SnmpError {
  override readonly name = 'SnmpSecurityError';
}

/** An answer that is not SNMP, or not to what was asked. */
export class SnmpInvalidResponse extends SnmpError {
  override readonly name = 'SnmpInvalidResponse';
}

/** The datagram could not be sent: no route, no such family. */
export class SnmpSendError extends SnmpError {
  override readonly name = 'SnmpSendError';
}

/** The session was closed meanwhile. */
export class SnmpClosed extends SnmpError {
  override readonly name = 'SnmpClosed';
}
