/** Cause and mend, by the code of the yaml package. Its own messages quote the file, which may hold secrets. */
export const SYNTAX_PROBLEMS: Readonly<Record<string, readonly [cause: string, mend: string]>> = {
  ALIAS_PROPS: ['an alias has a tag or anchor of its own', 'take it out'],
  BAD_ALIAS: ['is no alias', 'put text that begins with "*" or "&" in quotes'],
  BAD_DIRECTIVE: ['is no YAML directive', 'put text that begins with "%" in quotes'],
  BAD_DQ_ESCAPE: ['has an unknown escape in double quotes', 'write "\\\\" for a backslash, or use single quotes'],
  BAD_INDENT: ['is indented wrongly, or a bracket is not closed', 'indent by two spaces for each level'],
  BAD_SCALAR_START: ['begins with a character that YAML keeps for itself', 'put the value in quotes'],
  BLOCK_AS_IMPLICIT_KEY: ['has a key and a value on a line that is a value already', 'check colons and indentation'],
  BLOCK_IN_FLOW: ['has an indented block within brackets', 'use one of the two'],
  MISSING_CHAR: ['lacks a closing quote, bracket, comma or space', 'add it'],
  MULTILINE_IMPLICIT_KEY: ['has a key that spans lines', 'check colons and indentation'],
  MULTIPLE_DOCS: ['a second document begins', 'keep one, with no "---" after its beginning'],
  TAB_AS_INDENT: ['is indented with a tab', 'use spaces'],
  TAG_RESOLVE_FAILED: ['has an unknown tag', 'put text that begins with "!" in quotes'],
  UNEXPECTED_TOKEN: ['has something that YAML does not expect here', 'check quotes, colons and indentation'],
};

/** For the codes that only hand-made YAML reaches. */
export const OTHER_SYNTAX_PROBLEM = ['is not valid YAML', 'check quotes, colons and indentation'] as const;
