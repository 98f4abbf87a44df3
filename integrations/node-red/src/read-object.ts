const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the JSON object in a payload; `undefined` where there is none. No more is checked: a monitor that is newer than
 * these nodes may say more than they know, and flows get all of it.
 */
export function readObject(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(payload));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether a value is an object with named fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts in a field that holds a list; none where it does not. */
export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
