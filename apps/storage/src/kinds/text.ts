/** Longer texts are cut: they come from devices and from foreign hosts, and each is kept for years. */
const TEXT_MAX_LENGTH = 500;

/** A text from outside as one line of bounded length, since a row is one line of the journal. */
export function oneLine(text: string): string {
  const line = /[\u0000-\u001f\u007f\u2028\u2029]/.test(text)
    ? text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim()
    : text;
  return line.length > TEXT_MAX_LENGTH ? `${line.slice(0, TEXT_MAX_LENGTH - 1).toWellFormed()}…` : line.toWellFormed();
}

/** The same for what may be missing. */
export function oneLineOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : oneLine(text);
}
