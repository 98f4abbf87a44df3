import { z } from 'zod';

/** Some fields of a rule, in depth; a list counts as one field. */
export type Named<Rule> = Rule extends readonly unknown[]
  ? Rule
  : Rule extends object
    ? { readonly [Field in keyof Rule]?: Named<Rule[Field]> | undefined }
    : Rule;

/** What names some fields of a rule: its schema without defaults, and without what holds among its fields. */
export function named<Schema extends z.ZodType>(schema: Schema): z.ZodType<Named<z.output<Schema>>> {
  return withoutDefaults(schema) as z.ZodType<Named<z.output<Schema>>>;
}

function withoutDefaults(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) inner = inner.unwrap() as z.ZodType;
  if (inner instanceof z.ZodObject) {
    const fields = Object.entries<z.ZodType>(inner.shape);
    inner = z.strictObject(
      Object.fromEntries(fields.map(([name, field]) => [name, withoutDefaults(field).optional()])),
    );
  }
  const { description } = schema;
  return description === undefined ? inner : inner.describe(description);
}

/** A rule with the fields that something names, and else as usual. */
export function over<Rule>(usual: Rule, own: Named<NoInfer<Rule>> | undefined): Rule {
  if (own === undefined) return usual;
  if (typeof usual !== 'object' || usual === null || Array.isArray(usual)) return own as Rule;
  const fields = Object.entries(usual).map(([name, value]: [string, unknown]) => [
    name,
    over(value, (own as Readonly<Record<string, unknown>>)[name]),
  ]);
  return Object.fromEntries(fields) as Rule;
}
