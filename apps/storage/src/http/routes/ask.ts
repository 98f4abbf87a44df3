import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { QuestionError } from '../../query/asked-span.ts';
import type { Door } from '../access/door.ts';
import type { Visitor } from '../access/tokens.ts';
import { HttpProblem } from '../problem.ts';
import type { Answer, Route } from './route.ts';

/** A page's reader has turned away by then; history answers in a second. */
const PATIENCE_ms = 30_000;

/** What is said of a request that is wrong. */
const ISSUES_NAMED = 10;

/** Nobody in particular, for what anybody may do. */
const ANYBODY: Visitor = { name: 'anybody', role: 'viewer' };

/**
 * Asks a route: lets in who may, reads what is asked, and waits for the answer, for as long as whoever asked does.
 *
 * @param stopping aborts with what is said to whoever still waits when the server stops.
 * @throws {HttpProblem} when it is not let in, wrong, or takes too long.
 */
export async function ask(
  route: Route,
  { door, stopping }: { readonly door: Door; readonly stopping: AbortSignal },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  if (route.method !== 'GET') door.refuseForeign(request.raw);
  const visitor = route.role === 'anybody' ? ANYBODY : door.visitor(request.raw);
  if (route.role !== 'anybody') {
    door.require(route.role, visitor);
    reply.raw.once('close', door.enter(visitor));
  }
  const asked = {
    params: read(route.params, request.params),
    query: read(route.query, request.query),
    body: read(route.body, request.body),
  };
  const controller = new AbortController();
  const late = new HttpProblem(504, `no answer within ${PATIENCE_ms / 1000} s; ask for a shorter span`);
  const timer = setTimeout(() => controller.abort(late), PATIENCE_ms);
  const stop = (): void => controller.abort(stopping.reason);
  stopping.addEventListener('abort', stop);
  // Also when it has been answered, which nobody minds.
  reply.raw.once('close', () => {
    stopping.removeEventListener('abort', stop);
    controller.abort(new HttpProblem(400, 'whoever asked has gone'));
  });
  try {
    const handle = route.handle as unknown as (asked: unknown) => Promise<Answer> | Answer;
    return await handle({ ...asked, visitor, request: request.raw, signal: controller.signal });
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw error instanceof QuestionError ? new HttpProblem(400, error.message, {}, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

function read(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const named = issues.slice(0, ISSUES_NAMED).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join('.')}: ${message}`;
  });
  if (issues.length > ISSUES_NAMED) named.push(`and ${issues.length - ISSUES_NAMED} more`);
  throw new HttpProblem(400, named.join('; '));
}
