import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import snmp from 'net-snmp';

/** The parts of net-snmp that its type declarations leave out. */
interface Internals {
  readonly Authentication: {
    passwordToKey: (authProtocol: number, password: string, engineID: Buffer) => Buffer;
    authToKeyCache: Record<string, Buffer>;
  };
  readonly Encryption: { readonly algorithms: Record<number, Cipher> };
  readonly RequestTimedOutError: ErrorClass<LibraryTimeout>;
  readonly ResponseInvalidError: ErrorClass<LibraryResponseError>;
}

type ErrorClass<Instance> = abstract new (...parameters: never[]) => Instance;

interface LibraryTimeout extends Error {
  readonly name: 'RequestTimedOutError';
}

/** An answer that net-snmp refuses. Its message may hold the community, and it may hold the user with his keys. */
export interface LibraryResponseError extends Error {
  readonly code: number;
}

interface Cipher {
  encryptPdu: (
    scopedPdu: Buffer,
    privProtocol: number,
    password: string,
    authProtocol: number,
    engine: { readonly engineID: Buffer },
  ) => { encryptedPdu: Buffer; msgPrivacyParameters: Buffer };
  decryptPdu: (
    encryptedPdu: Buffer,
    privProtocol: number,
    privParameters: Buffer,
    password: string,
    authProtocol: number,
    engine: { readonly engineID: Buffer },
  ) => Buffer;
}

const { Authentication, Encryption, RequestTimedOutError, ResponseInvalidError } = snmp as unknown as Internals;

const BLOCK = 8;

/**
 * CBC-DES as SNMPv3 uses it (RFC 3414 §8.1.1): the localised key's first half is the key, its second the pre-IV.
 * Node's OpenSSL has single DES no more (https://github.com/markabrahams/node-net-snmp/issues/272), but triple DES with
 * three equal keys is the same function.
 */
function desKey(password: string, authProtocol: number, engineID: Buffer): { key: Buffer; preIv: Buffer } {
  const localised = Authentication.passwordToKey(authProtocol, password, engineID);
  const single = localised.subarray(0, BLOCK);
  return { key: Buffer.concat([single, single, single]), preIv: localised.subarray(BLOCK, 2 * BLOCK) };
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((octet, index) => octet ^ b[index]!));
}

const des = Encryption.algorithms[snmp.PrivProtocols.des];
if (des === undefined) throw new Error('net-snmp has changed: its table of ciphers has no DES');

des.encryptPdu = (scopedPdu, _privProtocol, password, authProtocol, { engineID }) => {
  const { key, preIv } = desKey(password, authProtocol, engineID);
  const salt = randomBytes(BLOCK);
  const cipher = createCipheriv('des-ede3-cbc', key, xor(preIv, salt)).setAutoPadding(false);
  const padding = Buffer.alloc((BLOCK - (scopedPdu.length % BLOCK)) % BLOCK);
  const encryptedPdu = Buffer.concat([cipher.update(scopedPdu), cipher.update(padding), cipher.final()]);
  return { encryptedPdu, msgPrivacyParameters: salt };
};

des.decryptPdu = (encryptedPdu, _privProtocol, salt, password, authProtocol, { engineID }) => {
  if (salt.length !== BLOCK) throw new RangeError(`a DES salt of ${salt.length} octets`);
  const { key, preIv } = desKey(password, authProtocol, engineID);
  const decipher = createDecipheriv('des-ede3-cbc', key, xor(preIv, salt)).setAutoPadding(false);
  return Buffer.concat([decipher.update(encryptedPdu), decipher.final()]);
};

/**
 * Keys are costly (a hash over a megabyte), so net-snmp keeps every one for ever. Past this many they are dropped and
 * made again as needed.
 */
const MAX_KEYS = 50_000;

let keys = 0;
const { passwordToKey } = Authentication;
Authentication.passwordToKey = (authProtocol, password, engineID) => {
  keys += 1;
  // Every lookup counts, so this looks at the cache's size now and then only.
  if (keys % MAX_KEYS === 0 && Object.keys(Authentication.authToKeyCache).length > MAX_KEYS) {
    Authentication.authToKeyCache = {};
  }
  return passwordToKey(authProtocol, password, engineID);
};

/** net-snmp, with DES mended. */
export { snmp, RequestTimedOutError, ResponseInvalidError };
