import type { z } from 'zod';
import { didYouMean } from './nearest.ts';
import type { Path, Problem } from './problem.ts';
import { isMapping, schemasBelow, shapesFor } from './schema.ts';

/**
 * Takes the keys that no schema knows out of a tree, so that each is reported once and by name.
 *
 * @param value changed in place.
 * @param alsoKnown keys that stand at the top of other such files: a mistyped one was perhaps one of them.
 */
export function takeUnknownKeys(
  schema: z.ZodType,
  value: unknown,
  alsoKnown: readonly string[] = [],
  path: Path = [],
): Omit<Problem, 'origin'>[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) =>
      schemasBelow(schema, index).flatMap((below) => takeUnknownKeys(below, item, alsoKnown, [...path, index])),
    );
  }
  if (!isMapping(value)) return [];
  const shapes = shapesFor(schema, value);
  const objects = shapes.filter((shape) => shape.kind === 'object');
  const isOpen = shapes.some((shape) => shape.kind === 'record' || (shape.kind === 'object' && shape.open));
  const known = [...new Set(objects.flatMap(({ fields }) => [...fields.keys()]))];
  const near = path.length === 0 ? [...new Set([...known, ...alsoKnown])] : known;
  return Object.entries(value).flatMap(([key, item]) => {
    const below = [...path, key];
    if (objects.length > 0 && !isOpen && !known.includes(key)) {
      delete value[key];
      return [{ path: below, cause: 'unknown key', mend: didYouMean(key, near) }];
    }
    return schemasBelow(schema, key, value).flatMap((field) => takeUnknownKeys(field, item, alsoKnown, below));
  });
}
