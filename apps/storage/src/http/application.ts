import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Door } from './access/door.ts';
import { isFresh } from './etag.ts';
import type { HttpMetrics } from './http-metrics.ts';
import type { PageFiles } from './page/page-files.ts';
import { HttpProblem } from './problem.ts';
import { respond } from './respond.ts';
import { ask } from './routes/ask.ts';
import type { Route } from './routes/route.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** A command for 1,000 devices, the most that one may name, is a third of it. */
const BODY_MAX_bytes = 2 ** 20;

const YEAR_s = 365 * 86_400;

/** The page’s own files, and addresses at which there is nothing. */
export const OTHERS = 'page';

/** Any may be made up; each would be a line at `/metrics` for good. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];

export interface ApplicationOptions {
  readonly routes: readonly Route[];
  readonly door: Door;
  readonly page: PageFiles;
  readonly metrics: HttpMetrics;
  /** Aborts, with what is to be said to who still waits, when the server stops. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
}

/** The routes and the page, as fastify finds its way among them. It listens nowhere: `routing` is given each request. */
export async function makeApplication(options: ApplicationOptions): Promise<FastifyInstance> {
  const { routes, page, metrics, log } = options;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_MAX_bytes,
    // No hook is called for these.
    frameworkErrors: (error, { method }, reply) => {
      void sayProblem(reply, error, log);
      metrics.answered(nameOf(method), OTHERS, reply.statusCode, reply.elapsedTime);
    },
  });
  app.addHook('onRequest', async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    const { path = OTHERS } = routeOptions.config as { readonly path?: string };
    metrics.answered(nameOf(method), path, statusCode, elapsedTime);
  });
  app.setErrorHandler((error, _request, reply) => sayProblem(reply, error, log));
  app.setNotFoundHandler((request, reply) => givePage(page, request, reply));
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      config: { path: route.path },
      handler: async (request, reply) => {
        const answer = await ask(route, options, request, reply);
        await respond(request, reply, answer, route.csv === true && wantsCsv(request), log);
        return reply;
      },
    });
  }
  await app.ready();
  return app;
}

function nameOf(method: string): string {
  return METHODS.includes(method) ? method : 'other';
}

/** As `format` says, or, without it, `Accept`. */
function wantsCsv({ query, headers: { accept = '' } }: FastifyRequest): boolean {
  const { format } = query as { readonly format?: string };
  return format === undefined ? accept.includes('text/csv') && !accept.includes('application/json') : format === 'csv';
}

function givePage(page: PageFiles, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { method, url } = request;
  const [path = ''] = url.split('?', 1);
  if (path === '/api' || path.startsWith('/api/')) {
    throw new HttpProblem(404, `there is no ${method} ${path}; /api/openapi.json says what there is`);
  }
  if (method !== 'GET' && method !== 'HEAD') throw new HttpProblem(405, 'only GET and HEAD', { allow: 'GET, HEAD' });
  const file = page.find(path, request.headers['accept-encoding']);
  if (file === undefined) {
    const built = page.find('/') !== undefined;
    throw new HttpProblem(
      404,
      built ? 'there is no such page' : 'the page is not built: `npm start` does that; the API is at /api/openapi.json',
    );
  }
  const { type, etag, encoding, immutable, body } = file;
  void reply
    .type(type)
    .header('etag', etag)
    .header('vary', 'Accept-Encoding')
    .header('cache-control', immutable ? `public, max-age=${YEAR_s}, immutable` : 'no-cache');
  if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (encoding !== undefined) void reply.header('content-encoding', encoding);
  return reply.send(body);
}

/** Says what is wrong. What went wrong inside is for the log, not for whoever asked. */
function sayProblem(reply: FastifyReply, error: unknown, log: Logger): FastifyReply {
  const { status, says, headers } = problemOf(error);
  if (status === 500) log.error({ err: error }, 'a request failed');
  return reply
    .code(status)
    .headers({ ...SECURITY_HEADERS, ...headers, 'cache-control': 'no-store' })
    .removeHeader('content-disposition')
    .type('application/json; charset=utf-8')
    .send(`${JSON.stringify({ problem: says })}\n`);
}

interface Said {
  readonly status: number;
  readonly says: string;
  readonly headers: Readonly<Record<string, string>>;
}

function problemOf(error: unknown): Said {
  if (error instanceof HttpProblem) return { status: error.status, says: error.message, headers: error.headers };
  const { statusCode = 500, message = '' } = error as { readonly statusCode?: number; readonly message?: string };
  if (statusCode >= 400 && statusCode < 500) return { status: statusCode, says: message, headers: {} };
  return { status: 500, says: 'it failed inside; the log of this monitor says why', headers: {} };
}

/** The same over a connection that was to become a WebSocket, on which there is no answer yet. */
export function problemBytes(error: unknown, log: Logger): { readonly status: number; readonly bytes: string } {
  const { status, says, headers } = problemOf(error);
  if (status === 500) log.error({ err: error }, 'a WebSocket handshake failed');
  const body = `${JSON.stringify({ problem: says })}\n`;
  const all = {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  };
  const lines = Object.entries({ ...all, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  return { status, bytes: `HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}` };
}
