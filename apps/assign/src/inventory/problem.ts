/** A place in a file's structure: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** `error`: nothing of the inventory is applied. `warning`: worth a look. `note`: what was left out, and why. */
export type Severity = 'error' | 'warning' | 'note';

/** One thing to say about an inventory file. */
export interface Problem {
  readonly severity: Severity;
  readonly file: string;
  /** Counted from 1; 0 when it concerns the file as a whole. */
  readonly line: number;
  /** `devices[3].address`; empty when it concerns the line or the file as a whole. */
  readonly path: string;
  /** The cause and, after a semicolon, the mend. */
  readonly message: string;
}

/** What breaks a line, takes over a terminal or turns the direction of writing. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** `devices[3].snmp.interfaces[0]`; a name that would break the line stands in quotes. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (UNPRINTABLE.test(part)) return `${text}[${quote(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** In quotes, with everything escaped that would break the line or take over a terminal. */
function quote(text: string): string {
  return printable(JSON.stringify(text));
}

/** With everything escaped that would break the line or take over a terminal: a parser's reason may quote the file. */
export function printable(text: string): string {
  if (!UNPRINTABLE.test(text)) return text;
  const escape = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
  return text.replace(new RegExp(UNPRINTABLE, 'gu'), escape);
}

/** One line for people: `devices.yaml:14 devices[3].address: "10.0.0" is not an IP address or host name`. */
export function formatProblem({ severity, file, line, path, message }: Problem): string {
  const place = `${file}${line === 0 ? '' : `:${line}`}${path === '' ? '' : ` ${path}`}`;
  return `${place}: ${severity === 'error' ? '' : `${severity}: `}${message}`;
}

/** Tells whether any of the problems forbids to apply the inventory. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

/** A value in a message: on one line, not longer than is read, and of composed values only the kind. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : `${value as number | boolean | null}`;
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 2)}…"` : text;
}

const MAX_SHOWN = 80;
