/**
 * Which members to list: all patterns must match, each the whole text. They are regular expressions of Go (RE2). One that Go
 * cannot read makes the agent close the connection without a word, so compare what comes from elsewhere by `exactly`.
 */
export interface MemberFilter {
  readonly name?: string;
  readonly status?: string;
  /** A tag that a member has not is taken for an empty one. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The pattern that matches a text and nothing else. */
export function exactly(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);
}
