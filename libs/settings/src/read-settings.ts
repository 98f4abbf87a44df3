import type { z } from 'zod';
import { pathKey, readDocument } from './document.ts';
import { complaints } from './issues.ts';
import { ConfigError, type Path, type Problem } from './problem.ts';
import { takeUnknownKeys } from './unknown-keys.ts';

/**
 * Reads a YAML file of settings, which holds no secret, by its schema.
 *
 * @param file its name, for errors.
 * @throws {ConfigError} with every mistake found, by line.
 */
export function readSettings<Schema extends z.ZodType>(file: string, text: string, schema: Schema): z.output<Schema> {
  const { tree, lines, problems: unreadable, readable } = readDocument(file, text);
  if (!readable) throw new ConfigError(unreadable);
  const unknown = takeUnknownKeys(schema, tree);
  const result = schema.safeParse(tree);
  const wrong = complaints(result.error?.issues ?? [], (path) => valueAt(tree, path));
  const placed = [...unknown, ...wrong].map((each): Problem => ({
    ...each,
    origin: { kind: 'file', file, line: lineOf(lines, each.path) },
  }));
  const problems = [...unreadable, ...placed].sort((a, b) => lineIn(a) - lineIn(b));
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return result.data;
}

/** The value at a path of a tree; `undefined` where there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined | null)?.[key], tree);
}

/** Where the value at a path stands: its own place, else that of what it should stand in. */
function lineOf(lines: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(pathKey(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

function lineIn({ origin }: Problem): number {
  return origin.kind === 'file' ? origin.line : 0;
}
