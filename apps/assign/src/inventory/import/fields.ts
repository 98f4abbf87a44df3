import { isMapping } from '../mapping.ts';

/** A mapping's fields as other tools write them: numbers as text, truth as 1, nothing as null or not at all. */
export type Fields = Readonly<Record<string, unknown>>;

/** The mappings of a list, each with its position; what is none is passed over. */
export function mappingsOf(value: unknown): { readonly fields: Fields; readonly index: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((fields: unknown, index) => (isMapping(fields) ? [{ fields, index }] : []));
}

/** Text as it stands, a number as text, and of anything else nothing. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'bigint' ? `${value}` : '';
}

/** A number, also as text; of an empty field `undefined`. What is no number stays what it is. */
export function numberOf(value: unknown): unknown {
  const text = textOf(value);
  if (text === '') return undefined;
  return Number.isNaN(Number(text)) ? value : Number(text);
}

export function isTrue(value: unknown): boolean {
  return value === true || /^(1|true|yes)$/i.test(textOf(value));
}
