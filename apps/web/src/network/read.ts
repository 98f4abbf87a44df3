/**
 * Reads what comes over MQTT, field by field: the page shows what it can make of a message, and a field that is not what
 * the contract says is as if it were missing. The contract's own schemas would make the page's code twice as large.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** What is longer than this was not written for people. */
const TEXT_LENGTH = 1000;
const LIST_LENGTH = 1000;

export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** Half a character, as a cut may leave one, would make an address that it comes into malformed. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, TEXT_LENGTH).toWellFormed() : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A moment as milliseconds since 1970. */
export function moment(value: unknown): number | undefined {
  return typeof value === 'string' ? number(Date.parse(value)) : undefined;
}

export function texts(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, LIST_LENGTH).flatMap((entry: unknown) => text(entry) ?? []);
}

/** Each entry of a list that is an object, read by `read`. */
export function each<Read>(value: unknown, read: (entry: Fields) => Read | undefined): Read[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, LIST_LENGTH).flatMap((entry: unknown) => {
    const entryFields = fields(entry);
    return entryFields === undefined ? [] : (read(entryFields) ?? []);
  });
}

/** One of a few words. */
export function word<const Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((known) => known === value);
}
