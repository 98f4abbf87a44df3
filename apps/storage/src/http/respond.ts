import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Readable } from 'node:stream';
import { etagOf, isFresh } from './etag.ts';
import type { Answer } from './routes/route.ts';
import { csvOf } from './table.ts';

/** What is longer is streamed: it is never in memory as a whole, and so has no ETag. */
const WHOLE_MOST_characters = 256 * 1024;

/** Whoever reads holds a query open, of which few run at a time: an answer is not read for longer than that. */
const READING_MOST_ms = 600_000;

/** Gives an answer as whoever asked wants it: JSON or CSV, whole with an ETag where it is short, else as it is made. */
export async function respond(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  csv: boolean,
  log: Logger,
): Promise<void> {
  void reply.headers(answer.headers ?? {});
  void reply.header('vary', 'Accept, Authorization, Cookie, Origin');
  void reply.type(csv ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8');
  if (csv) void reply.header('content-disposition', `attachment; filename="${nameOf(request.url)}.csv"`);
  const pieces = csv && answer.table !== undefined ? csvOf(answer.table) : piecesOf(answer);
  if (typeof pieces === 'string') return whole(request, reply, pieces);
  const iterator = pieces[Symbol.asyncIterator]();
  let begun = '';
  while (begun.length <= WHOLE_MOST_characters) {
    const next = await iterator.next();
    if (next.done === true) return whole(request, reply, begun);
    begun += next.value;
  }
  void reply.header('cache-control', 'private, no-store');
  const rest = async function* (): AsyncGenerator<string> {
    const timer = setTimeout(() => reply.raw.destroy(), READING_MOST_ms);
    try {
      yield begun;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } catch (error) {
      // The status is said; all that is left is to break off, so that nobody takes it for the whole.
      if (!reply.raw.destroyed) log.warn({ err: error }, `${request.url}: broken off`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  await reply.send(Readable.from(rest(), { objectMode: false, encoding: 'utf8' }));
}

function piecesOf(answer: Answer): string | AsyncIterable<string> {
  return 'json' in answer ? answer.json : `${JSON.stringify(answer.value)}\n`;
}

async function whole(request: FastifyRequest, reply: FastifyReply, body: string): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') {
    const etag = etagOf(body);
    void reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (isFresh(request.headers['if-none-match'], etag)) return void (await reply.code(304).send());
  } else {
    void reply.header('cache-control', 'no-store');
  }
  await reply.send(body);
}

/** `series` of `/api/series?…`. */
function nameOf(url: string): string {
  return /^\/api\/([a-z]+)/.exec(url)?.[1] ?? 'guaita';
}
