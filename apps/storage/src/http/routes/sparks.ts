import { Id } from '@guaita/model';
import { z } from 'zod';
import type { HistoryQueries } from '../history-queries.ts';
import { route, type Route } from './route.ts';

/** More rows than any screen has in sight at once. */
const DEVICES_MOST = 100;
/** Ids have up to 63 letters, each followed by a comma. */
const LIST_MOST_letters = DEVICES_MOST * 64;

/** As long as the rollups' shortest bucket: a bucket that has not ended would change with each probe. */
const STEP_ms = 5 * 60_000;
/** Three hours: as many points as a line of a hundred pixels can show. */
const STEPS = 36;

const Line = z.array(z.number().nullable()).length(STEPS);

/** The route that tells of many devices at once as much as a line in a list can show. */
export function sparkRoute(history: HistoryQueries, now_ms: () => number): Route {
  return route({
    method: 'GET',
    path: '/api/sparks',
    summary: 'The last three hours of several devices, for a small line of each',
    description:
      'By steps of five minutes, the newest of which has ended; over all monitors that measured. A step in which nobody did is ' +
      'null, a device of which nothing was seen is left out. The same for five minutes, so that `If-None-Match` spares most.',
    role: 'viewer',
    query: z.strictObject({
      devices: z
        .string()
        .max(LIST_MOST_letters)
        .transform((list) => list.split(','))
        .pipe(z.array(Id).max(DEVICES_MOST))
        .describe(`their ids, ${DEVICES_MOST} at most, with commas between`),
    }),
    answer: z.object({
      from: z.iso.datetime().describe('when the first step begins'),
      step_s: z.int(),
      sparks: z.record(Id, z.object({ rtt_avg_ms: Line, loss_percent: Line })),
    }),
    problems: { 504: 'It takes longer than 30 s' },
    handle: async ({ query: { devices }, signal }) => {
      const to_ms = Math.floor(now_ms() / STEP_ms) * STEP_ms;
      const from_ms = to_ms - STEPS * STEP_ms;
      const { rows } = await history.sparks({ devices: [...new Set(devices)], from_ms, to_ms }, signal);
      const sparks = new Map<
        string,
        { readonly rtt_avg_ms: z.output<typeof Line>; readonly loss_percent: z.output<typeof Line> }
      >();
      for await (const [of, at, rtt_avg_ms, loss_percent] of rows) {
        const device = String(of);
        const spark = sparks.get(device) ?? { rtt_avg_ms: empty(), loss_percent: empty() };
        sparks.set(device, spark);
        const step = Math.floor((Date.parse(String(at)) - from_ms) / STEP_ms);
        spark.rtt_avg_ms[step] = rounded(rtt_avg_ms);
        spark.loss_percent[step] = rounded(loss_percent);
      }
      const from = new Date(from_ms).toISOString();
      return { value: { from, step_s: STEP_ms / 1000, sparks: Object.fromEntries(sparks) } };
    },
  });
}

function empty(): null[] {
  return Array.from({ length: STEPS }, () => null);
}

/** To a thousandth: no line shows more. */
function rounded(value: unknown): number | null {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : null;
}
