import {
  complaints,
  isMapping,
  isSecretPath,
  pathKey,
  problemText,
  readDocument,
  schemasBelow,
  shapesFor,
  takeUnknownKeys,
  valueAt,
  type Origin,
  type Path,
  type Problem,
} from '@guaita/settings';
import { z } from 'zod';
import type { ConfigSection } from '../service.ts';
import { commonShape, SERVICE_SECTIONS, type CommonConfig } from './common.ts';
import { readEnvironment, type Override } from './environment.ts';
import { textValue } from './text-value.ts';

/** Everything a configuration is made of, read already. */
export interface ConfigSources {
  /** The services that run in this process: their sections are checked. */
  readonly definitions: readonly ConfigSection[];
  readonly file?: { readonly name: string; readonly text: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From the command line; they win over all else. */
  readonly flags: readonly FlagValue[];
  readonly hostName: string;
  /** Gives the text of a file that a `*_FILE` variable names; throws when it cannot. */
  readonly readFile: (name: string) => string;
}

export interface FlagValue {
  /** As people type it: `--http-port`. */
  readonly flag: string;
  readonly path: Path;
  readonly text: string;
}

/** One value in effect. */
export interface ConfigEntry {
  readonly path: Path;
  /** As JSON; `[secret]` for what must not be shown. */
  readonly text: string;
  readonly origin: Origin;
}

/** The configuration in effect. */
export interface Config {
  readonly common: CommonConfig;
  /** Each service's section, by its name. */
  readonly sections: Readonly<Record<string, unknown>>;
  /** Every value, where it comes from, secrets hidden. */
  readonly entries: readonly ConfigEntry[];
  /** The values that must never be shown: the logger blots them out. */
  readonly secrets: readonly string[];
}

export type ConfigResult = { readonly config: Config } | { readonly problems: readonly Problem[] };

export const HIDDEN = '[secret]';

/** Makes a configuration of its sources, or says everything that is wrong with them. Pure but for `readFile`. */
export function parseConfig(sources: ConfigSources): ConfigResult {
  const { definitions, file, env, flags, hostName, readFile } = sources;
  const common = commonShape(hostName);
  const sections = Object.fromEntries(definitions.map(({ name, config }) => [name, config]));
  const schema = z.strictObject({ ...common, ...sections });

  const document = readDocument(file?.name ?? '', file?.text ?? '');
  const problems: Problem[] = [...document.problems];
  const { tree } = document;
  const origins = new Map<string, Origin>();
  for (const [key, line] of document.lines) origins.set(key, { kind: 'file', file: file?.name ?? '', line });

  dropForeignSections(tree, Object.keys(sections));
  dropEmptySections(schema, tree);
  for (const unknown of takeUnknownKeys(schema, tree, SERVICE_SECTIONS)) {
    problems.push({ origin: originOf(origins, unknown.path), ...unknown });
  }

  const environment = readEnvironment(env, schema, Object.keys(sections), tree, readFile);
  problems.push(...environment.problems);
  const fromFlags = flags.map(({ flag, path, text }): Override => ({ path, text, origin: { kind: 'flag', flag } }));
  for (const override of [...environment.overrides, ...fromFlags]) {
    if (put(tree, override.path, textValue(schema, override.path, override.text))) {
      origins.set(pathKey(override.path), override.origin);
    }
  }
  for (const name of Object.keys(sections)) tree[name] ??= {};

  const isSecretAt = (path: Path): boolean => isSecretPath(schema, path);
  const secrets = secretsIn(tree, [], isSecretAt);
  const result = schema.safeParse(tree);
  if (!result.success && document.readable) {
    for (const complaint of complaints(result.error.issues, (path) => valueAt(tree, path), isSecretAt)) {
      problems.push({ ...complaint, origin: originOf(origins, complaint.path) });
    }
  }
  if (problems.length > 0 || !result.success) return { problems: inOrder(withoutSecrets(problems, secrets)) };

  const data = result.data as Record<string, unknown>;
  return {
    config: {
      common: Object.fromEntries(Object.keys(common).map((key) => [key, data[key]])) as CommonConfig,
      sections: Object.fromEntries(Object.keys(sections).map((name) => [name, data[name]])),
      entries: entriesOf(data, [], (path) => originOf(origins, path, true), isSecretAt),
      secrets,
    },
  };
}

/** Other services' sections in a shared file are theirs to check. */
function dropForeignSections(tree: Record<string, unknown>, own: readonly string[]): void {
  for (const name of SERVICE_SECTIONS) if (!own.includes(name)) delete tree[name];
}

/** A section whose every line is commented out is empty, not wrong. */
function dropEmptySections(schema: z.ZodType, tree: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(tree)) {
    const below = schemasBelow(schema, key, tree);
    if (value === null) {
      const shapes = below.flatMap((field) => shapesFor(field, value));
      const isSection = shapes.length > 0 && shapes.every(({ kind }) => kind === 'object' || kind === 'record');
      if (isSection) delete tree[key];
    } else if (isMapping(value)) {
      for (const field of below) dropEmptySections(field, value);
    }
  }
}

/** Puts a value at a path; false when something there is no mapping, which is reported by itself. */
function put(tree: Record<string, unknown>, path: Path, value: unknown): boolean {
  let at = tree;
  for (const key of path.slice(0, -1)) {
    const next = (at[String(key)] ??= Object.create(null) as Record<string, unknown>);
    if (!isMapping(next)) return false;
    at = next;
  }
  at[String(path.at(-1))] = value;
  return true;
}

/** Where the value at a path comes from: its own place, else that of what it stands in. */
function originOf(origins: ReadonlyMap<string, Origin>, path: Path, isValue = false): Origin {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(pathKey(path.slice(0, length)));
    // A mapping in the file says nothing of the fields that it leaves out: those are defaults.
    if (origin !== undefined && !(isValue && length < path.length && typeof path[length] === 'string')) return origin;
  }
  if (isValue) return { kind: 'default' };
  for (const origin of origins.values()) if (origin.kind === 'file') return { ...origin, line: 1 };
  return { kind: 'default' };
}

/** All text and numbers at secret places. */
function secretsIn(value: unknown, path: Path, isSecretAt: (path: Path) => boolean): string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      secretsIn(item, [...path, Array.isArray(value) ? Number(key) : key], isSecretAt),
    );
  }
  const isText = typeof value === 'string' || typeof value === 'number';
  return isText && value !== '' && isSecretAt(path) ? [String(value)] : [];
}

/** A schema's own message may quote what it was given. */
function withoutSecrets(problems: readonly Problem[], secrets: readonly string[]): Problem[] {
  const blot = (text: string): string => secrets.reduce((blotted, value) => blotted.replaceAll(value, HIDDEN), text);
  return problems.map((problem) =>
    problem.cause.startsWith('unknown')
      ? problem
      : { ...problem, cause: blot(problem.cause), mend: blot(problem.mend) },
  );
}

/** Each once; by line in the file, then variables, then flags. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const rank = { file: 0, variable: 1, flag: 2, default: 3 };
  const line = ({ origin }: Problem): number => (origin.kind === 'file' ? origin.line : 0);
  const once = new Map(problems.map((problem) => [problemText(problem), problem]));
  return [...once.values()].sort((a, b) => rank[a.origin.kind] - rank[b.origin.kind] || line(a) - line(b));
}

function entriesOf(
  value: unknown,
  path: Path,
  origin: (path: Path) => Origin,
  isSecretAt: (path: Path) => boolean,
): ConfigEntry[] {
  const isSecretHere = isSecretAt(path);
  if (value === undefined) return [];
  if (isSecretHere) return [{ path, text: HIDDEN, origin: origin(path) }];
  if (isMapping(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => entriesOf(item, [...path, key], origin, isSecretAt));
  }
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return value.flatMap((item, index) => entriesOf(item, [...path, index], origin, isSecretAt));
  }
  return [{ path, text: JSON.stringify(value), origin: origin(path) }];
}
