/** The words in a text field of a dialog, which are separated by commas or blanks. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
