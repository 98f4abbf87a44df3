/** Why a datagram is not a message that a manager may get in answer to a request. */
export class DatagramError extends Error {
  override readonly name = 'DatagramError';
}

/** What the outside of an answer says. */
export interface Answer {
  /** The message without what follows it. */
  readonly message: Buffer;
  readonly version: 0 | 1 | 3;
  /** msgFlags of version 3: 1 authenticated, 2 encrypted. */
  readonly flags: number;
  /** A Report, which may come without authentication (RFC 3414 §3.2); unknown inside an encrypted message. */
  readonly report: boolean;
}

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
const RESPONSE = 0xa2;
const REPORT = 0xa8;

/** Tags of values (RFC 2578 §7.1, RFC 3416 §3), each with the content lengths that make sense. */
const VALUE_LENGTHS: ReadonlyMap<number, readonly [least: number, most: number]> = new Map([
  [0x01, [1, 1]], // BOOLEAN, which SNMP has not, but some agents
  [INTEGER, [1, 8]],
  [OCTET_STRING, [0, 65_535]],
  [0x05, [0, 0]], // NULL
  [OID, [1, 640]],
  [0x40, [4, 4]], // IpAddress
  [0x41, [1, 8]], // Counter32
  [0x42, [1, 8]], // Gauge32
  [0x43, [1, 8]], // TimeTicks
  [0x44, [0, 65_535]], // Opaque
  [0x46, [1, 9]], // Counter64
  [0x80, [0, 0]], // noSuchObject
  [0x81, [0, 0]], // noSuchInstance
  [0x82, [0, 0]], // endOfMibView
]);

/** A cursor in BER (X.690 §8) that never reads past the end of what it stands in. */
class Cursor {
  readonly bytes: Buffer;
  at: number;
  end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The tag that is next, and -1 at the end. */
  get tag(): number {
    return this.at < this.end ? this.bytes[this.at]! : -1;
  }

  /** Steps over tag and length of the next element; gives the end of its content. */
  enter(tag: number, what: string): number {
    if (this.tag !== tag) throw new DatagramError(`${what} has tag ${this.tag}, not ${tag}`);
    this.at += 1;
    return this.length(what);
  }

  length(what: string): number {
    if (this.done) throw new DatagramError(`${what} ends before its length`);
    let length = this.bytes[this.at]!;
    this.at += 1;
    if (length >= 0x80) {
      const octets = length - 0x80;
      // An indefinite length (0) is forbidden (RFC 3417 §8), and four octets are more than any datagram needs.
      if (octets === 0 || octets > 4 || this.at + octets > this.end) {
        throw new DatagramError(`${what} has a length of ${octets} octets`);
      }
      length = 0;
      for (let index = 0; index < octets; index += 1) length = length * 256 + this.bytes[this.at + index]!;
      this.at += octets;
    }
    if (this.at + length > this.end) throw new DatagramError(`${what} is longer than what it stands in`);
    return this.at + length;
  }

  /** Steps over an element of a given tag; gives a cursor on its content. */
  inside(tag: number, what: string): Cursor {
    const end = this.enter(tag, what);
    const inner = new Cursor(this.bytes, this.at, end);
    this.at = end;
    return inner;
  }

  /** Reads a small whole number. */
  integer(what: string): number {
    const end = this.enter(INTEGER, what);
    const length = end - this.at;
    if (length < 1 || length > 5) throw new DatagramError(`${what} is a number of ${length} octets`);
    let value = this.bytes.readInt8(this.at);
    for (let index = this.at + 1; index < end; index += 1) value = value * 256 + this.bytes[index]!;
    this.at = end;
    return value;
  }
}

/**
 * Checks an answer from its first octet to its last before anything else reads it: the library behind it stops at
 * what it does not understand and takes the part before for the whole, reads over the ends of lists, and takes an
 * unauthenticated answer to an authenticated request. What is inside an encrypted message is checked after decryption
 * only by that library, but it comes from someone who has the key.
 *
 * @throws {DatagramError} when it is not a well-formed answer.
 */
export function readAnswer(datagram: Buffer): Answer {
  const outer = new Cursor(datagram, 0, datagram.length);
  const end = outer.enter(SEQUENCE, 'the message');
  const body = new Cursor(datagram, outer.at, end);
  const message = datagram.subarray(0, end);
  const version = body.integer('the version');
  if (version === 0 || version === 1) {
    body.inside(OCTET_STRING, 'the community');
    const report = readPdu(body);
    if (report) throw new DatagramError('a Report belongs to version 3');
    return { message, version, flags: 0, report };
  }
  if (version !== 3) throw new DatagramError(`version ${version} is unknown`);
  return { message, version, ...readV3(body) };
}

function readV3(body: Cursor): { flags: number; report: boolean } {
  const header = body.inside(SEQUENCE, 'the header');
  header.integer('msgID');
  header.integer('msgMaxSize');
  const flagOctets = header.inside(OCTET_STRING, 'msgFlags');
  if (flagOctets.end - flagOctets.at !== 1) throw new DatagramError('msgFlags is not one octet');
  const flags = flagOctets.bytes[flagOctets.at]!;
  if (header.integer('msgSecurityModel') !== 3) throw new DatagramError('the security model is not USM');
  atEnd(header, 'the header');
  const security = body.inside(OCTET_STRING, 'the security parameters').inside(SEQUENCE, 'the security parameters');
  security.inside(OCTET_STRING, 'the engine id');
  for (const what of ['the engine boots', 'the engine time']) {
    const value = security.integer(what);
    if (value < 0 || value > 2 ** 31 - 1) throw new DatagramError(`${what} is out of range`);
  }
  for (const what of ['the user', 'the authentication', 'the privacy parameters']) security.inside(OCTET_STRING, what);
  atEnd(security, 'the security parameters');
  if ((flags & 2) !== 0) {
    if ((flags & 1) === 0) throw new DatagramError('it is encrypted but not authenticated');
    body.inside(OCTET_STRING, 'the encrypted part');
    atEnd(body, 'the message');
    return { flags, report: false };
  }
  const scoped = body.inside(SEQUENCE, 'the scoped PDU');
  scoped.inside(OCTET_STRING, 'the context engine id');
  scoped.inside(OCTET_STRING, 'the context name');
  const report = readPdu(scoped);
  atEnd(body, 'the message');
  return { flags, report };
}

/** Reads a PDU to its end; tells whether it is a Report. */
function readPdu(outer: Cursor): boolean {
  const { tag } = outer;
  if (tag !== RESPONSE && tag !== REPORT) throw new DatagramError(`a PDU of tag ${tag} is no answer`);
  const pdu = outer.inside(tag, 'the PDU');
  atEnd(outer, 'the message');
  pdu.integer('the request id');
  pdu.integer('the error status');
  pdu.integer('the error index');
  const list = pdu.inside(SEQUENCE, 'the varbinds');
  atEnd(pdu, 'the PDU');
  while (!list.done) {
    const end = list.enter(SEQUENCE, 'a varbind');
    const varbind = new Cursor(list.bytes, list.at, end);
    readOid(varbind);
    readValue(varbind);
    atEnd(varbind, 'a varbind');
    list.at = end;
  }
  return tag === REPORT;
}

function readOid(varbind: Cursor): void {
  const end = varbind.enter(OID, 'an OID');
  checkOid(varbind.bytes, varbind.at, end);
  varbind.at = end;
}

function checkOid(bytes: Buffer, at: number, end: number): void {
  if (at === end || (bytes[end - 1]! & 0x80) !== 0) throw new DatagramError('an OID is cut short');
  let octets = 0;
  for (let index = at; index < end; index += 1) {
    octets += 1;
    // 32 bits are five groups of seven, the first of them at most 15.
    if (octets === 1 && bytes[index] === 0x80) throw new DatagramError('an OID has a number with leading zeros');
    if (octets > 5 || (octets === 5 && bytes[index - 4]! > 0x8f)) {
      throw new DatagramError('an OID has a number of more than 32 bits');
    }
    if ((bytes[index]! & 0x80) === 0) octets = 0;
  }
}

function readValue(varbind: Cursor): void {
  const { tag } = varbind;
  const lengths = VALUE_LENGTHS.get(tag);
  if (lengths === undefined) throw new DatagramError(`a value has the unknown tag ${tag}`);
  const end = varbind.enter(tag, 'a value');
  const length = end - varbind.at;
  if (length < lengths[0] || length > lengths[1]) throw new DatagramError(`a value of tag ${tag} has ${length} octets`);
  // {0 0} is encoded in one octet of value 0.
  if (tag === OID) checkOid(varbind.bytes, varbind.at, end);
  varbind.at = end;
}

function atEnd(cursor: Cursor, what: string): void {
  if (!cursor.done) throw new DatagramError(`${what} goes on after its end`);
}
