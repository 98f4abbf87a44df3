import { ProtocolError } from '../errors.ts';

/** A record of the protocol: its fields by name, not looked at yet. */
export type Fields = ReadonlyMap<unknown, unknown>;

/** @throws {ProtocolError} that says `where`, when a value is none. */
export function fieldsOf(value: unknown, where: string): Fields {
  if (value instanceof Map) return value as Fields;
  throw new ProtocolError(`${where}: ${kindOf(value)} came where a record was due`);
}

export function textIn(fields: Fields, name: string, where: string): string {
  const value = fields.get(name);
  if (typeof value === 'string') return value;
  throw wrong(value, name, where, 'text');
}

/** An integer that is not negative. Those that a `number` does not hold exactly are refused. */
export function countIn(fields: Fields, name: string, where: string): number {
  const value = fields.get(name);
  const count = typeof value === 'bigint' ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw wrong(value, name, where, 'a count');
}

/** An unsigned integer of 64 bits: Lamport times and ids. */
export function largeIn(fields: Fields, name: string, where: string): bigint {
  const value = fields.get(name);
  if (typeof value === 'bigint' && value >= 0n) return value;
  return BigInt(countIn(fields, name, where));
}

export function flagIn(fields: Fields, name: string, where: string): boolean {
  const value = fields.get(name);
  if (typeof value === 'boolean') return value;
  throw wrong(value, name, where, 'true or false');
}

/** Bytes; where the agent has none it says nil. */
export function bytesIn(fields: Fields, name: string, where: string): Uint8Array {
  const value = fields.get(name) ?? new Uint8Array(0);
  if (value instanceof Uint8Array) return value;
  throw wrong(value, name, where, 'bytes');
}

/** A list; where the agent has none it says nil. */
export function listIn(fields: Fields, name: string, where: string): readonly unknown[] {
  const value = fields.get(name) ?? [];
  if (Array.isArray(value)) return value as readonly unknown[];
  throw wrong(value, name, where, 'a list');
}

/** Texts by name; where the agent has none it says nil. */
export function textsOf(value: unknown, where: string): ReadonlyMap<string, string> {
  const entries = fieldsOf(value ?? new Map(), where);
  for (const [key, text] of entries) {
    if (typeof key !== 'string' || typeof text !== 'string') throw new ProtocolError(`${where}: what is no text came`);
  }
  return entries as ReadonlyMap<string, string>;
}

function wrong(value: unknown, name: string, where: string, due: string): ProtocolError {
  return new ProtocolError(`${where}: ${name}: ${kindOf(value)} came where ${due} was due`);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nil';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Map) return 'a record';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
