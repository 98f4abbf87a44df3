/** Where a value of the configuration comes from. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'default' };

/** A place in the configuration: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** One mistake: where it is, what is wrong, and what to do. */
export interface Problem {
  readonly origin: Origin;
  readonly path: Path;
  readonly cause: string;
  readonly mend: string;
}

/** `guaita.yaml:14`, `GUAITA_PING_INTERVAL_S`, `--http-port` or `default`. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'variable':
      return origin.name;
    case 'flag':
      return origin.flag;
    case 'default':
      return 'default';
  }
}

/** `snmp.profiles.home.allowed[2]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** One line for people: `guaita.yaml:14 ping.intervall_s: unknown key; did you mean "interval_s"?`. */
export function problemText({ origin, path, cause, mend }: Problem): string {
  // A flag is a name by itself: people need not know which field it sets.
  const at = path.length === 0 || origin.kind === 'flag' ? '' : ` ${pathText(path)}`;
  return `${originText(origin)}${at}: ${cause}; ${mend}`;
}

/** A configuration that cannot be used; it holds every mistake found, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(problemText).join('\n'), options);
    this.problems = problems;
  }
}
