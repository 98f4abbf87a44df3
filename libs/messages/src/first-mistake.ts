import { z } from 'zod';

/** What is wrong with a value, and where. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * The first mistake in a value, if it has one. The schema library by itself makes a list of all of them, at some 25 µs
 * each: 100,000 wrong claims in one message took it seconds.
 */
export function firstMistake(schema: z.core.$ZodType, value: unknown): Mistake | undefined {
  return within(schema, value) ?? ofWhole(schema, value);
}

function within(schema: z.core.$ZodType, value: unknown): Mistake | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return value === undefined || value === null ? undefined : firstMistake(schema.unwrap(), value);
  if (schema instanceof z.ZodArray && Array.isArray(value)) return first(value.entries(), () => schema.element);
  if (!isObject(value)) return undefined;
  if (schema instanceof z.ZodRecord)
    return (
      first(
        Object.keys(value).map((key) => [key, key]),
        () => schema.keyType,
      ) ?? first(Object.entries(value), () => schema.valueType)
    );
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Readonly<Record<string, z.core.$ZodType>>;
    return first(
      Object.keys(shape).map((key) => [key, Object.hasOwn(value, key) ? value[key] : undefined]),
      (key) => shape[key] as z.core.$ZodType,
    );
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const told = { [discriminator]: value[discriminator] };
    // Which of them is meant is told by one field; where it tells nothing, that is the mistake.
    const meant = schema.options.find(
      (option) => option instanceof z.ZodObject && option.shape[discriminator]?.safeParse(value[discriminator]).success,
    );
    return meant === undefined ? ofWhole(schema, told) : within(meant, value);
  }
  return undefined;
}

/** The first among the children of a value. */
function first<K extends PropertyKey>(
  children: Iterable<readonly [K, unknown]>,
  schemaOf: (key: K) => z.core.$ZodType,
): Mistake | undefined {
  for (const [key, child] of children) {
    const mistake = firstMistake(schemaOf(key), child);
    if (mistake !== undefined) return { ...mistake, path: [key, ...mistake.path] };
  }
  return undefined;
}

function ofWhole(schema: z.core.$ZodType, value: unknown): Mistake | undefined {
  return z.safeParse(schema, value).error?.issues[0];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
