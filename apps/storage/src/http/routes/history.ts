import { Id } from '@guaita/model';
import { z } from 'zod';
import { askedSpan } from '../../query/asked-span.ts';
import { EVENT_KINDS, WORST_BY } from '../history-queries.ts';
import { availabilityRoute } from './availability.ts';
import { known, LATE, Rows, spanShape, tableAs, type Past } from './past.ts';
import { route, type Route } from './route.ts';
import { seriesRoute } from './series.ts';

const ROWS_MOST = 1_000;
const EVENTS_MOST = 10_000;

/** The routes that tell what was. */
export function historyRoutes(past: Past): Route[] {
  return [seriesRoute(past), worstRoute(past), availabilityRoute(past), eventsRoute(past)];
}

function worstRoute({ history, book, now_ms }: Past): Route {
  return route({
    method: 'GET',
    path: '/api/worst',
    summary: 'The devices that did worst',
    role: 'viewer',
    csv: true,
    query: z.strictObject({
      by: z.enum(WORST_BY).default('loss'),
      limit: z.coerce.number().int().min(1).max(ROWS_MOST).default(20),
      ...spanShape,
    }),
    answer: z.object({ worst: Rows }),
    problems: LATE,
    handle: async ({ query: { by, limit, ...rest }, signal }) => {
      return tableAs(
        'worst',
        await known(book, undefined, await history.worst({ by, limit, ...askedSpan(rest, now_ms()) }, signal)),
      );
    },
  });
}

function eventsRoute({ history, book, now_ms }: Past): Route {
  return route({
    method: 'GET',
    path: '/api/events',
    summary: 'Changes of verdicts, and alerts, the newest first',
    description: 'For what came before, ask again with `to` as the moment of the last one given.',
    role: 'viewer',
    csv: true,
    query: z.strictObject({
      device: Id.optional(),
      kind: z.enum(EVENT_KINDS).optional(),
      limit: z.coerce.number().int().min(1).max(EVENTS_MOST).default(ROWS_MOST),
      ...spanShape,
    }),
    answer: z.object({ events: Rows }),
    problems: { ...LATE, 404: 'Nothing is known of such a device' },
    handle: async ({ query: { device, kind, limit, ...rest }, signal }) => {
      const question = {
        ...{ limit, ...askedSpan(rest, now_ms()) },
        ...(device === undefined ? {} : { device }),
        ...(kind === undefined ? {} : { kind }),
      };
      return tableAs('events', await known(book, device, await history.events(question, signal)));
    },
  });
}
