/** Keys, elements and values are bytes; text is taken as UTF-8. */
export type Bytes = string | Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function toBytes(value: Bytes): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/** The UTF-8 text that bytes stand for; what is no UTF-8 becomes U+FFFD. */
export function text(value: Uint8Array): string {
  return decoder.decode(value);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
