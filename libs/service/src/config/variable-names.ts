import type { z } from 'zod';
import { type Path, isMapping, shapesOf } from '@guaita/settings';

/** What a variable's name can mean: a path, and the schema of what stands there. */
export interface Meaning {
  readonly path: Path;
  readonly schema: z.ZodType;
  /** True when the path holds a name of a record that the file does not: it was read out of the variable's name. */
  readonly coined: boolean;
}

/** `interval_s` → `INTERVAL_S`, `allowedNetworks` → `ALLOWED_NETWORKS`, `serf-publisher` → `SERF_PUBLISHER`. */
export function variablePart(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/**
 * Everything that `rest` (a variable's name without its prefix) can mean below a schema.
 *
 * @param tree what the file holds there: its names in records are known; others are coined from the variable, in lower
 *   case.
 */
export function meanings(schema: z.ZodType, rest: string, tree: unknown, path: Path = [], coined = false): Meaning[] {
  const found: Meaning[] = [];
  const follow = (key: string, part: string, below: z.ZodType, isCoined: boolean): void => {
    const next = [...path, key];
    if (rest === part) {
      if (takesText(below)) found.push({ path: next, schema: below, coined: isCoined });
    } else if (rest.startsWith(`${part}_`)) {
      const subtree = isMapping(tree) ? tree[key] : undefined;
      found.push(...meanings(below, rest.slice(part.length + 1), subtree, next, isCoined));
    }
  };
  for (const shape of shapesOf(schema)) {
    if (shape.kind === 'object') for (const [key, field] of shape.fields) follow(key, variablePart(key), field, coined);
    if (shape.kind !== 'record') continue;
    const names = isMapping(tree) ? Object.keys(tree) : [];
    for (const name of names) follow(name, variablePart(name), shape.value, coined);
    for (const part of prefixes(rest)) {
      const name = part.toLowerCase();
      if (name === '' || name === '__proto__' || names.some((known) => variablePart(known) === part)) continue;
      if (shape.key.safeParse(name).success) follow(name, part, shape.value, true);
    }
  }
  return distinct(found);
}

/** Every name that a variable can have, without its prefix, for those who mistyped one. Names in records: only those in the file. */
export function knownNames(schema: z.ZodType, tree: unknown): string[] {
  const names = shapesOf(schema).flatMap((shape): string[] => {
    const children: [string, z.ZodType][] =
      shape.kind === 'object'
        ? [...shape.fields]
        : shape.kind === 'record' && isMapping(tree)
          ? Object.keys(tree).map((name) => [name, shape.value])
          : [];
    return children.flatMap(([key, below]) => {
      const name = variablePart(key);
      const deeper = knownNames(below, isMapping(tree) ? tree[key] : undefined).map((inner) => `${name}_${inner}`);
      return takesText(below) ? [name, `${name}_FILE`, ...deeper] : deeper;
    });
  });
  return [...new Set(names)];
}

/** Sections have no text of their own: their fields are set one by one. */
function takesText(schema: z.ZodType): boolean {
  return shapesOf(schema).some((shape) => shape.kind === 'value' || shape.kind === 'array');
}

/** `A_B_C` → `A`, `A_B`, `A_B_C`. */
function prefixes(text: string): string[] {
  const parts = text.split('_');
  return parts.map((_, index) => parts.slice(0, index + 1).join('_'));
}

/** A union's alternatives often lead to the same path: that is one meaning. */
function distinct(found: readonly Meaning[]): Meaning[] {
  return [...new Map(found.map((meaning) => [JSON.stringify(meaning.path), meaning])).values()];
}
