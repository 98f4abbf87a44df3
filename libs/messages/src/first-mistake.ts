import { z } from 'zod';

type Schema = z.core.$ZodType;

/** What is wrong with a value, and where. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * The first mistake in a value, if it has one. The schema library by itself makes a list of all of them, at some 25 µs
 * each: 100,000 wrong claims in one message took it seconds.
 */
export function firstMistake(schema: Schema, value: unknown): Mistake | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return value === undefined ? undefined : firstMistake(schema.unwrap(), value);
  if (schema instanceof z.ZodNullable) return value === null ? undefined : firstMistake(schema.unwrap(), value);
  if (schema instanceof z.ZodArray && Array.isArray(value)) return inArray(schema, value) ?? ofWhole(schema, value);
  if (!isObject(value)) return ofLeaf(schema, value);
  if (schema instanceof z.ZodRecord) return inRecord(schema, value) ?? ofWhole(schema, value);
  if (schema instanceof z.ZodObject) return inObject(schema, value) ?? ofWhole(schema, value);
  if (schema instanceof z.ZodDiscriminatedUnion) return inUnion(schema, value) ?? ofWhole(schema, value);
  return ofLeaf(schema, value);
}

function inArray({ element }: z.ZodArray, value: readonly unknown[]): Mistake | undefined {
  for (let at = 0; at < value.length; at += 1) {
    const mistake = firstMistake(element, value[at]);
    if (mistake !== undefined) return below(at, mistake);
  }
  return undefined;
}

function inRecord({ keyType, valueType }: z.ZodRecord, value: Readonly<Record<string, unknown>>): Mistake | undefined {
  for (const key of Object.keys(value)) {
    const mistake = firstMistake(keyType, key) ?? firstMistake(valueType, value[key]);
    if (mistake !== undefined) return below(key, mistake);
  }
  return undefined;
}

function inObject({ shape }: z.ZodObject, value: Readonly<Record<string, unknown>>): Mistake | undefined {
  for (const key in shape) {
    const mistake = firstMistake(shape[key] as Schema, Object.hasOwn(value, key) ? value[key] : undefined);
    if (mistake !== undefined) return below(key, mistake);
  }
  return undefined;
}

/** Which of the options is meant is told by one field; where it tells nothing, that is the mistake. */
function inUnion(schema: z.ZodDiscriminatedUnion, value: Readonly<Record<string, unknown>>): Mistake | undefined {
  const { discriminator } = schema.def;
  for (const option of schema.options) {
    if (option instanceof z.ZodObject && fits(option.shape[discriminator] as Schema, value[discriminator]))
      return firstMistake(option, value);
  }
  return described(schema, { [discriminator]: value[discriminator] });
}

/** What is wrong with it though all in it is right: there may be too much or too little. */
function ofWhole(schema: Schema, value: unknown): Mistake | undefined {
  return schema._zod.def.checks === undefined ? undefined : ofLeaf(schema, value);
}

function ofLeaf(schema: Schema, value: unknown): Mistake | undefined {
  return fits(schema, value) ? undefined : described(schema, value);
}

function described(schema: Schema, value: unknown): Mistake | undefined {
  return z.safeParse(schema, value).error?.issues[0];
}

function below(key: PropertyKey, { path, message }: Mistake): Mistake {
  return { path: [key, ...path], message };
}

const compiled = new WeakMap<Schema, Schema>();

/** Tells whether a value is what a schema says; a schema that was asked before answers fast. */
function fits(schema: Schema, value: unknown): boolean {
  let fast = compiled.get(schema);
  if (fast === undefined) compiled.set(schema, (fast = z.compile(schema)));
  return z.core.validate(fast, value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
