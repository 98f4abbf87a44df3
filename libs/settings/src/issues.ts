import type { z } from 'zod';
import { didYouMean } from './nearest.ts';
import type { Path } from './problem.ts';

/** What is wrong with the value at a path. */
export interface Complaint {
  readonly path: Path;
  readonly cause: string;
  readonly mend: string;
}

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

/**
 * Says zod's issues in our words: each with cause and mend.
 *
 * @param valueAt gives the value at a path.
 * @param isSecretAt whether it must not be shown.
 */
export function complaints(
  issues: readonly Issue[],
  valueAt: (path: Path) => unknown,
  isSecretAt: (path: Path) => boolean = () => false,
): Complaint[] {
  return issues.flatMap((issue) => complaintsOf(issue, [], valueAt, isSecretAt));
}

function complaintsOf(
  issue: Issue,
  above: Path,
  valueAt: (path: Path) => unknown,
  isSecretAt: (path: Path) => boolean,
): Complaint[] {
  const path: Path = [...above, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  const value = valueAt(path);
  const hidden = isSecretAt(path);
  const shown = hidden ? 'the value (not shown)' : show(value);
  const one = (cause: string, mend: string): Complaint[] => [{ path, cause, mend }];

  switch (issue.code) {
    case 'invalid_type': {
      const expected = KINDS[issue.expected] ?? issue.expected;
      if (value === undefined) return one('is missing', `give ${expected}`);
      if (value === null) return one('is empty', `give ${expected}, or take the key out`);
      const quoting = issue.expected === 'string' && typeof value !== 'object' ? `: put it in quotes` : '';
      return one(`${shown} is not ${expected}`, `give ${expected}${quoting}`);
    }
    case 'invalid_value': {
      const known = issue.values.map(String);
      if (value === undefined) return one('is missing', `give one of ${known.join(', ')}`);
      return one(`${shown} is not known here`, choiceMend(hidden ? undefined : value, issue.values));
    }
    case 'too_small': {
      const least = `${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue.minimum, issue.origin)}`;
      return one(`${shown} is too ${sizeWord(issue.origin, 'small', 'short')}`, `give ${least}`);
    }
    case 'too_big': {
      const most = `${issue.inclusive === false ? 'less than' : 'at most'} ${amount(issue.maximum, issue.origin)}`;
      return one(`${shown} is too ${sizeWord(issue.origin, 'big', 'long')}`, `give ${most}`);
    }
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], cause: 'does not belong here', mend: 'take it out' }));
    case 'invalid_union':
      return unionComplaints(issue, path, valueAt, isSecretAt, shown);
    case 'invalid_key':
      return one(`${JSON.stringify(String(path.at(-1)))} is not a name that fits here`, mendOf(issue.issues[0]));
    default: {
      // Words of our own may be said of a secret text as long as they do not hold it.
      const isSaid = typeof value === 'string' && issue.code === 'custom' && !issue.message.includes(value);
      if (hidden && !isSaid) return one('the value (not shown) is not accepted', 'check it against the documentation');
      // A message of our own may hold the mend after a semicolon, and the value.
      const [cause = '', ...mend] = issue.message.split('; ');
      const text =
        value === undefined || cause.includes(shown) || issue.code === 'custom' ? cause : `${shown} ${cause}`;
      return one(text, mend.length > 0 ? mend.join('; ') : 'correct it');
    }
  }
}

/** What to write in the place of a value that is none of those known. */
function choiceMend(value: unknown, known: readonly unknown[]): string {
  // YAML reads `version: 3` as a number.
  if (typeof value === 'number' && known.includes(String(value))) return 'put it in quotes';
  return didYouMean(typeof value === 'string' ? value : '', known.map(String));
}

/** Of a union's alternatives, that which the value came closest to. */
function unionComplaints(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  valueAt: (path: Path) => unknown,
  isSecretAt: (path: Path) => boolean,
  shown: string,
): Complaint[] {
  if ('options' in issue && Array.isArray(issue.options)) {
    const known = issue.options.map(String);
    const value = valueAt(path);
    if (value === undefined) return [{ path, cause: 'is missing', mend: `give one of ${known.join(', ')}` }];
    return [{ path, cause: `${shown} is not known here`, mend: choiceMend(value, issue.options) }];
  }
  const [closest] = issue.errors
    .filter((branch) => branch.length > 0)
    .sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  if (closest === undefined || depth(closest) === 0) {
    const wanted = issue.errors.flat().map((branch) => mendOf(branch).replace(/^give /, ''));
    return [{ path, cause: `${shown} is not accepted`, mend: `give ${[...new Set(wanted)].join(' or ')}` }];
  }
  return closest.flatMap((inner) => complaintsOf(inner, path, valueAt, isSecretAt));
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** What would have been right, without the value that is not. */
function mendOf(issue: Issue | undefined): string {
  if (issue === undefined) return 'correct it';
  if (issue.code === 'invalid_type') return `give ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `give ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
  return issue.message;
}

/** `3`, `1 character`, `2 entries`. */
function amount(bound: number | bigint, origin: string): string {
  const isOne = Number(bound) === 1;
  if (origin === 'string') return `${bound} ${isOne ? 'character' : 'characters'}`;
  return origin === 'array' || origin === 'set' ? `${bound} ${isOne ? 'entry' : 'entries'}` : String(bound);
}

function sizeWord(origin: string, ofNumber: string, ofOthers: string): string {
  return origin === 'number' || origin === 'int' || origin === 'bigint' ? ofNumber : ofOthers;
}

/** A value in an error: short enough for one line, and no more than its kind where it is composed. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
