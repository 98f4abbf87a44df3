/** More are no help on a line. */
const NAMED = 5;

/** The first few names, and how many more there are, for people. */
export function someNames(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${more}`;
}
