import type { Varbind } from './session.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Net-SNMP's tags for IEEE 754 numbers inside an Opaque (RFC 2856 was never finished; NET-SNMP-TC describes it). */
const OPAQUE_FLOAT = 0x78;
const OPAQUE_DOUBLE = 0x79;

/** Texts longer than this are cut: SnmpAdminString ends at 255 octets (RFC 3411 §5). */
const MAX_TEXT = 255;

/** Tells whether the agent gave a value, and no exception in its place. */
export function given(varbind: Varbind | undefined): varbind is Varbind {
  if (varbind === undefined) return false;
  const { type } = varbind;
  return type !== 'no_such_object' && type !== 'no_such_instance' && type !== 'end_of_mib_view' && type !== 'null';
}

/** A whole number of any numeric type; `undefined` for anything else. */
export function numberOf(varbind: Varbind | undefined): number | undefined {
  if (varbind === undefined) return undefined;
  if (typeof varbind.value === 'number') return varbind.value;
  return typeof varbind.value === 'bigint' ? Number(varbind.value) : undefined;
}

/** A counter's value. Agents that send a gauge or an integer in its place are taken at their word unless it is negative. */
export function counterOf(varbind: Varbind | undefined): bigint | undefined {
  if (varbind === undefined) return undefined;
  const { value } = varbind;
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && value >= 0 ? BigInt(value) : undefined;
}

/**
 * A text: UTF-8, or Latin-1 where it is none; control characters become spaces, ends are trimmed, since some agents
 * pad with NULs. `undefined` when it is no string.
 */
export function textOf(varbind: Varbind | undefined): string | undefined {
  if (varbind === undefined || varbind.type !== 'string' || !(varbind.value instanceof Uint8Array)) return undefined;
  let text: string;
  try {
    text = utf8.decode(varbind.value);
  } catch {
    text = latin1.decode(varbind.value);
  }
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT - 1).replace(/[\ud800-\udbff]$/, '')}…` : clean;
}

/** A number in any of the ways agents write one: numeric types, decimal text, an Opaque float. */
export function looseNumberOf(varbind: Varbind | undefined): number | undefined {
  if (varbind?.type === 'opaque' && varbind.value instanceof Uint8Array) return opaqueNumber(varbind.value);
  const text = textOf(varbind);
  if (text === undefined) return numberOf(varbind);
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? finite(Number(text)) : undefined;
}

/** An enumeration's name; `undefined` for a number that it does not have. */
export function nameOf<Name extends string>(
  varbind: Varbind | undefined,
  names: Readonly<Record<number, Name>>,
): Name | undefined {
  const value = numberOf(varbind);
  return value !== undefined && Object.hasOwn(names, value) ? names[value] : undefined;
}

function opaqueNumber(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== 0x9f) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[1] === OPAQUE_FLOAT && bytes[2] === 4 && bytes.length === 7) return finite(view.getFloat32(3));
  if (bytes[1] === OPAQUE_DOUBLE && bytes[2] === 8 && bytes.length === 11) return finite(view.getFloat64(3));
  return undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
