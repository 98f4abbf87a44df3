import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { Role, Visitor } from '../access/tokens.ts';
import type { Table } from '../table.ts';

/** A value, whole, or JSON in pieces, since it may be long; and the same as a table, where it is also given as CSV. */
export type Answer = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly table?: Table;
} & ({ readonly value: unknown } | { readonly json: AsyncIterable<string> });

/** A request that has passed the door, with what it says, checked. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly visitor: Visitor;
  readonly request: IncomingMessage;
  /** Aborts when whoever asked has gone, or has waited for too long. */
  readonly signal: AbortSignal;
}

/** One operation of the API: what it takes and gives, for the server and for the OpenAPI document. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Parameters in braces: `/api/devices/{device}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** Who may; `anybody` also before they have logged in. */
  readonly role: Role | 'anybody';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** It is also given as CSV. */
  readonly csv?: true;
  /** What else may come of it, by status, beside what may come of all. */
  readonly problems?: Readonly<Record<number, string>>;
  readonly handle: (asked: Asked<never, never, never>) => Promise<Answer> | Answer;
}

type Read<Schema extends z.ZodType | undefined> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** A route, whose handler gets what its schemas read. */
export function route<
  const Params extends z.ZodObject | undefined = undefined,
  const Query extends z.ZodObject | undefined = undefined,
  const Body extends z.ZodType | undefined = undefined,
>(
  definition: Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    readonly handle: (asked: Asked<Read<Params>, Read<Query>, Read<Body>>) => Promise<Answer> | Answer;
  },
): Route {
  return definition as Route;
}
