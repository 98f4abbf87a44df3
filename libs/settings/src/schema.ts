import { globalRegistry, z } from 'zod';

/** What a schema takes, as far as finding one's way in it needs. Schemas that contain themselves are not for configurations. */
export type Shape =
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, z.ZodType>; readonly open: boolean }
  | { readonly kind: 'record'; readonly key: z.ZodType; readonly value: z.ZodType }
  | { readonly kind: 'array'; readonly element: z.ZodType }
  | { readonly kind: 'value' };

/** The parts of zod's own definitions that are read here (zod documents `def` for such use). */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly values?: readonly unknown[];
}

function definition(schema: z.ZodType): Definition {
  return schema.def;
}

/** The schema behind one wrapper (`.optional()`, `.default()`, `.transform()` …), if it is one. */
function unwrapped(schema: z.ZodType): z.ZodType | undefined {
  const { innerType, in: input, out: output, getter } = definition(schema);
  // `z.preprocess` has its schema behind the change, `.transform()` before it.
  const piped = input !== undefined && definition(input).type === 'transform' ? output : input;
  return innerType ?? piped ?? getter?.();
}

/**
 * Marks a field as secret: it is never shown, logged, or quoted in an error, and may be read from a file
 * (`GUAITA_…_FILE`). The mark stays with schemas made from it (`secret().optional()`).
 */
export function secret(): z.ZodString;
export function secret<Schema extends z.ZodType>(schema: Schema): Schema;
export function secret(schema: z.ZodType = z.string().min(1)): z.ZodType {
  return schema.meta({ secret: true });
}

/** Tells whether a schema, or what it wraps, is marked by `secret`. */
export function isSecret(schema: z.ZodType): boolean {
  if (globalRegistry.get(schema)?.['secret'] === true) return true;
  const inner = unwrapped(schema);
  if (inner !== undefined) return isSecret(inner);
  return (definition(schema).options ?? []).some(isSecret);
}

/** What a schema takes, unions spread out. */
export function shapesOf(schema: z.ZodType): Shape[] {
  const inner = unwrapped(schema);
  if (inner !== undefined) return shapesOf(inner);
  const { type, options, shape, catchall, keyType, valueType, element } = definition(schema);
  if (options !== undefined) return options.flatMap(shapesOf);
  if (type === 'object' && shape !== undefined) {
    // A strict object's catchall is `never`; a plain one has none and would drop unknown keys in silence: not open either.
    const open = catchall !== undefined && definition(catchall).type !== 'never';
    return [{ kind: 'object', fields: new Map(Object.entries(shape)), open }];
  }
  if (type === 'record' && keyType !== undefined && valueType !== undefined) {
    return [{ kind: 'record', key: keyType, value: valueType }];
  }
  if (type === 'array' && element !== undefined) return [{ kind: 'array', element }];
  return [{ kind: 'value' }];
}

/** Those shapes that a value can be meant for: of a union's objects, the ones whose literal fields agree with it. */
export function shapesFor(schema: z.ZodType, value: unknown): Shape[] {
  const shapes = shapesOf(schema);
  if (!isMapping(value)) return shapes;
  const fitting = shapes.filter(
    (shape) =>
      shape.kind !== 'object' ||
      [...shape.fields].every(([key, field]) => {
        const allowed = literals(field);
        return allowed === undefined || value[key] === undefined || allowed.includes(value[key]);
      }),
  );
  return fitting.length === 0 ? shapes : fitting;
}

/** The schemas that may hold at `key` below a schema. */
export function schemasBelow(schema: z.ZodType, key: string | number, value?: unknown): z.ZodType[] {
  return shapesFor(schema, value).flatMap((shape): z.ZodType[] => {
    if (shape.kind === 'record') return [shape.value];
    if (shape.kind === 'array') return [shape.element];
    const field = shape.kind === 'object' ? shape.fields.get(String(key)) : undefined;
    return field === undefined ? [] : [field];
  });
}

/** Tells whether the value at `path`, or anything it stands in, is secret. */
export function isSecretPath(schema: z.ZodType, path: readonly (string | number)[]): boolean {
  if (isSecret(schema)) return true;
  const [key, ...rest] = path;
  if (key === undefined) return false;
  return schemasBelow(schema, key).some((below) => isSecretPath(below, rest));
}

/** The values of a literal field; `undefined` for any other. */
function literals(schema: z.ZodType): readonly unknown[] | undefined {
  const inner = unwrapped(schema);
  if (inner !== undefined) return literals(inner);
  const { type, values } = definition(schema);
  return type === 'literal' ? values : undefined;
}

/** A plain object: what a YAML mapping becomes. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
