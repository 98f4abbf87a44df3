/** The words in a text field of a dialog, which are separated by commas or blanks. Flows made by hand may lack the field. */
export function wordsOf(text: unknown): string[] {
  return textOf(text)
    .split(/[\s,]+/)
    .filter((word) => word !== '');
}

/** What is in a text field of a dialog. */
export function textOf(text: unknown): string {
  return typeof text === 'string' ? text.trim() : '';
}
