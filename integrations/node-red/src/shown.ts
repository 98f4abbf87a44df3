const SHOWN_characters = 100;

/** A value of a flow in an error: as JSON where it can be, and no longer than people read. */
export function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    return 'an object that holds itself or what JSON cannot hold';
  }
  text ??= String(value);
  return text.length > SHOWN_characters ? `${text.slice(0, SHOWN_characters)}…` : text;
}
