import { ProtocolError } from './errors.ts';

/** Ten zero bytes and 0xffff before the four of an IPv4 address (RFC 4291, 2.5.5.2): how Go most often keeps them. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/**
 * The text of an IP address that comes as bytes, as Go keeps a `net.IP`: 4, or 16.
 *
 * @returns `10.0.0.1`, `2001:db8::1`, or nothing for no bytes: an agent may not know the address.
 * @throws {ProtocolError} on any other number of bytes.
 */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new ProtocolError(`an address of ${bytes.length} bytes came`);
  if (MAPPED.every((byte, index) => bytes[index] === byte)) return bytes.subarray(12).join('.');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => view.getUint16(at).toString(16));
  // The URL parser writes IPv6 addresses in their one recommended form (RFC 5952).
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
