import { Id } from '@guaita/model';
import { z } from 'zod';
import { askedSpan } from '../../query/asked-span.ts';
import { RESOLUTIONS } from '../../rollup/resolution.ts';
import { rolledKinds } from '../../rollup/rollup.ts';
import type { Series } from '../history-queries.ts';
import { joined, type Cell } from '../table.ts';
import { known, LATE, spanShape, type Past } from './past.ts';
import { route, type Answer, type Route } from './route.ts';

/** As many as a wide screen has dots, and to spare; who wants every measurement asks for shorter spans, or takes the files. */
const POINTS_MOST = 10_000;
const POINTS_DEFAULT = 500;

/** The route that tells what was measured of a device. */
export function seriesRoute({ history, book, now_ms }: Past): Route {
  return route({
    method: 'GET',
    path: '/api/series',
    summary: 'What was measured of a device over time',
    description:
      'The resolution is the finest that gives no more than about `points` points for each monitor: raw measurements, or ' +
      'rollups of 5 minutes, an hour or a day. `monitors` has the rows of each monitor; `columns` says what stands in them.',
    role: 'viewer',
    csv: true,
    query: z.strictObject({
      device: Id,
      kind: z.enum(rolledKinds).default('ping'),
      part: z.string().min(1).max(200).optional().describe('the interface or sensor; all of them by default'),
      monitor: Id.optional().describe('as this monitor saw it; as each did by default'),
      points: z.coerce.number().int().min(1).max(POINTS_MOST).default(POINTS_DEFAULT),
      ...spanShape,
    }),
    answer: z.object({
      resolution: z.enum(RESOLUTIONS),
      columns: z.array(z.string()),
      monitors: z.record(Id, z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])))),
    }),
    problems: { ...LATE, 404: 'Nothing is known of such a device' },
    handle: async ({ query: { device, kind, part, monitor, points, ...rest }, signal }): Promise<Answer> => {
      const question = {
        ...{ device, kind, points, ...askedSpan(rest, now_ms()) },
        ...(part === undefined ? {} : { part }),
        ...(monitor === undefined ? {} : { monitor }),
      };
      const table = await known(book, device, await history.series(question, signal));
      return { table, json: seriesJson(table) };
    },
  });
}

/** `{"resolution":…,"columns":[…],"monitors":{"pi-1":[[…],…]}}`, row by row: the rows come in order of monitor. */
function seriesJson({ resolution, columns, rows }: Series): AsyncIterable<string> {
  return joined(
    (async function* () {
      const [, ...rest] = columns;
      yield `{"resolution":${JSON.stringify(resolution)},"columns":${JSON.stringify(rest)},"monitors":{`;
      let monitor: Cell | undefined;
      for await (const [of = null, ...row] of rows) {
        if (of === monitor) yield ',';
        else yield `${monitor === undefined ? '' : '],'}${JSON.stringify(of)}:[`;
        monitor = of;
        yield JSON.stringify(row);
      }
      yield monitor === undefined ? '}}\n' : ']}}\n';
    })(),
  );
}
