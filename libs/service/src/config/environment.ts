import type { z } from 'zod';
import { SERVICE_SECTIONS } from './common.ts';
import { nearest, pathText, type Path, type Problem } from '@guaita/settings';
import { knownNames, meanings, variablePart, type Meaning } from './variable-names.ts';

/** Text that takes the place of what the file says. */
export interface Override {
  readonly path: Path;
  readonly text: string;
  readonly origin: Problem['origin'];
}

export interface EnvironmentResult {
  readonly overrides: readonly Override[];
  readonly problems: readonly Problem[];
}

const PREFIX = 'GUAITA';

/** Names the configuration file; read before all others. */
export const CONFIG_VARIABLE = 'GUAITA_CONFIG';

type Reading = Meaning & { readonly viaFile: boolean };

/**
 * Finds what the `GUAITA_*` variables say. `GUAITA_PING_INTERVAL_S` is `ping.interval_s`; with `_FILE` behind, the value
 * is read from that file. An empty variable counts as not set, since compose files pass those on.
 *
 * @param sections those being checked: variables of other services' sections are left alone.
 * @param tree what the file says: names in records are looked up there.
 * @param readFile gives a file's text; what it throws becomes a problem.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  schema: z.ZodType,
  sections: readonly string[],
  tree: unknown,
  readFile: (name: string) => string,
): EnvironmentResult {
  const overrides: Override[] = [];
  const problems: Problem[] = [];
  const setBy = new Map<string, string>();
  const foreign = SERVICE_SECTIONS.filter((name) => !sections.includes(name)).map(variablePart);

  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    if (value === undefined || !name.startsWith(`${PREFIX}_`) || name === CONFIG_VARIABLE) continue;
    const rest = name.slice(PREFIX.length + 1);
    if (foreign.some((section) => rest.startsWith(`${section}_`))) continue;
    const report = (path: Path, cause: string, mend: string): void => {
      problems.push({ origin: { kind: 'variable', name }, path, cause, mend });
    };

    const readings = likeliest([
      ...meanings(schema, rest, tree).map((meaning) => ({ ...meaning, viaFile: false })),
      ...(rest.endsWith('_FILE') ? meanings(schema, rest.slice(0, -'_FILE'.length), tree) : []).map((meaning) => ({
        ...meaning,
        viaFile: true,
      })),
    ]);
    const [reading, ...others] = readings;
    if (reading === undefined) {
      report([], ...unknownVariable(rest, knownNames(schema, tree)));
      continue;
    }
    if (others.length > 0) {
      report([], `may mean ${readings.map(readingText).join(' or ')}`, 'set it in the file instead');
      continue;
    }
    if (value === '') continue;

    const key = JSON.stringify(reading.path);
    const earlier = setBy.get(key);
    if (earlier !== undefined) {
      report(reading.path, `is set by ${earlier} too`, 'set only one of them');
      continue;
    }
    setBy.set(key, name);
    if (!reading.viaFile) {
      overrides.push({ path: reading.path, text: value, origin: { kind: 'variable', name } });
      continue;
    }
    try {
      const text = readFile(value).replace(/\r?\n$/, '');
      overrides.push({ path: reading.path, text, origin: { kind: 'variable', name } });
    } catch (error) {
      report(reading.path, `cannot read ${JSON.stringify(value)} (${reasonOf(error)})`, 'name a readable file');
    }
  }
  return { overrides, problems };
}

/** Names that the file knows come before coined ones; and among those the field itself before "read it from a file". */
function likeliest(readings: readonly Reading[]): readonly Reading[] {
  const known = readings.filter(({ coined }) => !coined);
  if (known.length === 0) return readings;
  const direct = known.filter(({ viaFile }) => !viaFile);
  return direct.length === 0 ? known : direct;
}

/** Cause and mend. Names are compared without the prefix that they all share. */
function unknownVariable(rest: string, known: readonly string[]): [cause: string, mend: string] {
  const field = known.find((name) => name.startsWith(`${rest}_`));
  if (field !== undefined) return ['is a section', `set its fields one by one, such as ${PREFIX}_${field}`];
  const guess = nearest(rest, known);
  return ['unknown variable', guess === undefined ? 'take it out' : `did you mean ${PREFIX}_${guess}?`];
}

function readingText({ path, viaFile }: Reading): string {
  return viaFile ? `${pathText(path)} read from a file` : pathText(path);
}

/** `ENOENT` and its like; a message could quote what was read. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
