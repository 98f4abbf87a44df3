import { z } from 'zod';
import type { Route } from './routes/route.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const Problem = z.object({ problem: z.string().describe('cause and mend') });

/** What may come of any request. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is wrong, and in what',
  401: 'No token, or none that is known here',
  403: 'The role does not reach so far, another site’s page asks, or tokens are missing',
  429: 'Too many wrong tokens came from there, or too many requests of one visitor are being answered',
  500: 'It failed inside; the log says why',
};

/** The OpenAPI 3.1 document of the API, made from the same routes and schemas that answer. */
export function openapiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Guaita over HTTP',
      version,
      description:
        'What a monitor knows now and has kept of the network, and what operators may do. Fields are added, never renamed; ' +
        'names end in their unit; moments are ISO 8601 in UTC. What is wrong is said in one sentence, `problem`. Answers to ' +
        'GET carry a strong ETag, unless they are so long that they are streamed. In CSV, text that begins with = + - @ or a ' +
        'tab has an apostrophe before it, lest a spreadsheet takes it for a formula.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'as `guaita token` prints it' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'guaita-MONITOR',
          description: 'set by /api/login, for the page; MONITOR is the monitor’s id',
        },
      },
      schemas: { Problem: schemaOf(Problem, 'output') },
    },
  };
}

function operation(route: Route): Json {
  const { method, path, summary, description, role, params, query, body, answer, csv, problems = {} } = route;
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  return {
    operationId: [method.toLowerCase(), ...path.split(/[/{}]+/).slice(2)].filter((word) => word !== '').join('-'),
    summary,
    ...(description === undefined ? {} : { description }),
    ...(role === 'anybody' ? { security: [] } : {}),
    'x-role': role,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      200: {
        description: 'Done, or found',
        content: {
          'application/json': { schema: schemaOf(answer, 'output') },
          ...(csv === true ? { 'text/csv': { schema: { type: 'string' } } } : {}),
        },
      },
      ...(method === 'GET' ? { 304: { description: 'Nothing has changed since `If-None-Match`' } } : {}),
      ...Object.fromEntries(
        Object.entries({ ...PROBLEMS, ...problems }).map(([status, says]) => [
          status,
          { description: says, content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } } },
        ]),
      ),
    },
  };
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query'): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...rest } = schemaOf(field as z.ZodType, 'input') as Record<string, Json>;
    const required = where === 'path' || !(field as z.ZodType).safeParse(undefined).success;
    return { name, in: where, required, ...(description === undefined ? {} : { description }), schema: rest };
  });
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    // Zod's pattern for a moment is 300 characters long and says no more than the format does.
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      // A query's numbers come as text, from which zod makes them.
      if (zodSchema._zod.def.type === 'number') jsonSchema.type ??= 'number';
    },
  });
  return rest as Json;
}
