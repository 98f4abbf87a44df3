import { snmp, type LibraryResponseError } from './net-snmp.ts';
import {
  SnmpErrorStatus,
  SnmpInvalidResponse,
  SnmpSecurityError,
  type SnmpError,
  type SnmpType,
  type Varbind,
} from './session.ts';

/** A request as net-snmp keeps it until its answer comes. */
export interface LibraryRequest {
  readonly message: { readonly pdu: LibraryPdu };
  readonly responseCb: LibraryCallback;
}

export interface LibraryPdu {
  readonly id: number;
  readonly errorStatus: number;
  readonly errorIndex: number;
  readonly varbinds: readonly LibraryVarbind[];
}

export interface LibraryVarbind {
  readonly oid: string;
  readonly type: number;
  readonly value: unknown;
}

export type LibraryCallback = (error: Error | null, varbinds?: readonly LibraryVarbind[]) => void;

/** RFC 3416 §3. */
const STATUS_NAMES: readonly string[] = [
  'no_error',
  'too_big',
  'no_such_name',
  'bad_value',
  'read_only',
  'gen_err',
  'no_access',
  'wrong_type',
  'wrong_length',
  'wrong_encoding',
  'wrong_value',
  'no_creation',
  'inconsistent_value',
  'resource_unavailable',
  'commit_failed',
  'undo_failed',
  'authorization_error',
  'not_writable',
  'inconsistent_name',
];

/** Takes the place of net-snmp's own handling, which loses the error index and builds rows that are taken apart again. */
export function onResponse({ message, responseCb }: LibraryRequest, { pdu }: { readonly pdu: LibraryPdu }): void {
  if (pdu.id !== message.pdu.id) {
    responseCb(new SnmpInvalidResponse('the answer has another request id'));
  } else if (pdu.errorStatus !== 0) {
    const status = STATUS_NAMES[pdu.errorStatus] ?? `error ${pdu.errorStatus}`;
    const named = pdu.errorIndex > 0 && pdu.errorIndex <= message.pdu.varbinds.length;
    responseCb(new SnmpErrorStatus(status, named ? pdu.errorIndex : 0));
  } else {
    responseCb(null, pdu.varbinds);
  }
}

/** Says why net-snmp refused an answer; nothing secret of its own message is passed on. */
export function responseError({ code, message }: LibraryResponseError): SnmpError {
  const codes = snmp.ResponseInvalidCode as unknown as Readonly<Record<string, number>>;
  switch (code) {
    case codes['EAuthFailure']:
      // Either a usmStats name or a sentence with digests: only the former is passed on.
      return new SnmpSecurityError(
        /^[A-Za-z ]{1,40}$/.test(message)
          ? `the agent refused the SNMPv3 request: ${message}`
          : 'the answer is not authentic: the authentication password is wrong, or somebody changed it',
      );
    case codes['ECouldNotDecrypt']:
      return new SnmpSecurityError('the answer cannot be decrypted: the privacy password or protocol is wrong');
    case codes['ENotInTimeWindow']:
      return new SnmpSecurityError('the answer is outside the SNMPv3 time window');
    case codes['ECommunityNoMatch']:
      return new SnmpSecurityError('the answer bears another community');
    default:
      return new SnmpInvalidResponse('the answer is not to the request');
  }
}

const TYPES: Readonly<Record<number, SnmpType>> = {
  [snmp.ObjectType.Integer]: 'integer',
  [snmp.ObjectType.OctetString]: 'string',
  [snmp.ObjectType.Null]: 'null',
  [snmp.ObjectType.OID]: 'oid',
  [snmp.ObjectType.IpAddress]: 'ip',
  [snmp.ObjectType.Counter]: 'counter32',
  [snmp.ObjectType.Gauge]: 'gauge32',
  [snmp.ObjectType.TimeTicks]: 'timeticks',
  [snmp.ObjectType.Opaque]: 'opaque',
  [snmp.ObjectType.Counter64]: 'counter64',
  [snmp.ObjectType.NoSuchObject]: 'no_such_object',
  [snmp.ObjectType.NoSuchInstance]: 'no_such_instance',
  [snmp.ObjectType.EndOfMibView]: 'end_of_mib_view',
};

/** @throws {RangeError} when a Counter64 is longer than 64 bits. */
export function toVarbind({ oid, type, value }: LibraryVarbind): Varbind {
  const name = TYPES[type] ?? 'null';
  if (name === 'counter64') return { oid, type: name, value: unsigned64(value as Buffer) };
  return { oid, type: name, value: name === 'null' ? null : (value as Varbind['value']) };
}

/** Eight octets at most, and one of zeros before them (X.690 §8.3). */
function unsigned64(octets: Buffer): bigint {
  if (octets.length <= 6) return BigInt(octets.length === 0 ? 0 : octets.readUIntBE(0, octets.length));
  if (octets.length === 9 && octets[0] === 0) return octets.readBigUInt64BE(1);
  if (octets.length === 8) return octets.readBigUInt64BE(0);
  if (octets.length === 7) return BigInt(octets.readUIntBE(0, 1)) * 2n ** 48n + BigInt(octets.readUIntBE(1, 6));
  throw new RangeError(`a Counter64 of ${octets.length} octets`);
}
