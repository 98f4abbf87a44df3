import { ProtocolError } from './errors.ts';

/** Tags of Erlang's external term format (Erlang/OTP, "External Term Format"). */
const VERSION = 131;
const SMALL_TUPLE = 104;
const ATOM = { latin1: 100, smallLatin1: 115, utf8: 118, smallUtf8: 119 } as const;

/**
 * The name of the Erlang node (`antidote@pi-1`) that a connection descriptor is of: its data centre bears the name of the
 * node that it began with. The rest of a descriptor is the servers' own affair.
 *
 * @throws {ProtocolError} when it is no descriptor.
 */
export function nodeOf(descriptor: Uint8Array): string {
  const bytes = Buffer.from(descriptor.buffer, descriptor.byteOffset, descriptor.length);
  let at = 0;
  const expectByte = (...wanted: readonly number[]): number => {
    const found = bytes[at];
    at += 1;
    if (found === undefined || !wanted.includes(found)) {
      throw new ProtocolError(`this is no connection descriptor: ${found ?? 'its end'} stands at byte ${at - 1}`);
    }
    return found;
  };
  const atom = (): string => {
    const tag = expectByte(...Object.values(ATOM));
    const isSmall = tag === ATOM.smallLatin1 || tag === ATOM.smallUtf8;
    const from = at + (isSmall ? 1 : 2);
    if (from > bytes.length) throw new ProtocolError('this is no connection descriptor: it ends within a name');
    const length = isSmall ? bytes.readUInt8(at) : bytes.readUInt16BE(at);
    at = from + length;
    if (at > bytes.length) throw new ProtocolError('this is no connection descriptor: it ends within a name');
    return bytes.toString(tag === ATOM.utf8 || tag === ATOM.smallUtf8 ? 'utf8' : 'latin1', from, at);
  };
  // {descriptor, {Node, Time}, …}
  expectByte(VERSION);
  expectByte(SMALL_TUPLE);
  at += 1;
  if (atom() !== 'descriptor') throw new ProtocolError('this is no connection descriptor, but another Erlang term');
  expectByte(SMALL_TUPLE);
  at += 1;
  return atom();
}
