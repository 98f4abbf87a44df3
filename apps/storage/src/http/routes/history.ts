import { Id } from '@guaita/model';
import { z } from 'zod';
import { DAY_ms } from '../../day.ts';
import { askedSpan } from '../../query/asked-span.ts';
import { RESOLUTIONS } from '../../rollup/resolution.ts';
import { rolledKinds } from '../../rollup/rollup.ts';
import type { DeviceBook } from '../device-book.ts';
import { EVENT_KINDS, WORST_BY, type HistoryQueries, type Series } from '../history-queries.ts';
import { HttpProblem } from '../problem.ts';
import { joined, jsonOf, type Cell, type Table } from '../table.ts';
import { route, type Answer, type Route } from './route.ts';

/** As many as a wide screen has dots, and to spare; who wants every measurement asks for shorter spans, or takes the files. */
const POINTS_MOST = 10_000;
const POINTS_DEFAULT = 500;

const ROWS_MOST = 1_000;
const EVENTS_MOST = 10_000;
/** Their changes in the span are in memory all at once. */
const DEVICES_MOST = 10_000;

const MONTH_ms = 28 * DAY_ms;

/** Devices times days or months: five thousand devices' month by day; more is asked for a month at a time. */
const PERIODS_MOST = 200_000;

const Moment = z.iso.datetime({ offset: true });

const spanShape = {
  from: Moment.optional().describe('ISO 8601; a day before `to` by default'),
  to: Moment.optional().describe('ISO 8601, not part of the span; now by default'),
  format: z.enum(['json', 'csv']).optional().describe('before what `Accept` says'),
};

/** What else may come of all of these. */
const LATE = { 504: 'It takes longer than 30 s: the span is too long' };

const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])));

/** The routes that tell what was. */
export function historyRoutes(history: HistoryQueries, book: DeviceBook, now_ms: () => number): Route[] {
  /**
   * Waits for the first row. A device that is gone has a history all the same; one of which nothing is known was mistyped.
   *
   * @param tells the column without which a row tells nothing; any row tells something by default.
   */
  const known = async <Found extends Table>(device: Id | undefined, found: Found, tells?: string): Promise<Found> => {
    const rows = await begun(found, tells);
    if (device !== undefined && rows.empty && !book.has(device)) {
      throw new HttpProblem(
        404,
        `device "${device}" is not known, and nothing was seen of it then; look at /api/devices`,
      );
    }
    return { ...found, rows };
  };

  return [
    route({
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
        const table = await known(device, await history.series(question, signal));
        return { table, json: seriesJson(table) };
      },
    }),
    route({
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
          await known(undefined, await history.worst({ by, limit, ...askedSpan(rest, now_ms()) }, signal)),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/api/availability',
      summary: 'For how much of each day or month devices were up',
      description:
        'Of one device, of all that bear a tag, or of all. Days and months are those of UTC; the first and the last may be cut.',
      role: 'viewer',
      csv: true,
      query: z.strictObject({
        device: Id.optional(),
        tag: Id.optional(),
        per: z.enum(['day', 'month']).default('day'),
        worst: z.coerce
          .number()
          .int()
          .min(1)
          .max(DEVICES_MOST)
          .optional()
          .describe(
            'only so many that were up for the smallest part of the span, the worst first; all by their ids by default',
          ),
        ...spanShape,
      }),
      answer: z.object({ availability: Rows }),
      problems: { ...LATE, 404: 'Nothing is known of such a device, or no device bears such a tag' },
      handle: async ({ query: { device, tag, per, worst, ...rest }, signal }) => {
        const devices = devicesOf(book, device, tag);
        const span = askedSpan(rest, now_ms());
        const told = Math.min(devices.length, worst ?? Infinity);
        const periods = told * Math.ceil((span.to_ms - span.from_ms) / (per === 'day' ? DAY_ms : MONTH_ms));
        if (periods > PERIODS_MOST)
          throw new HttpProblem(
            400,
            `that is of ${periods} ${per}s of devices, more than ${PERIODS_MOST}; give a shorter span`,
          );
        const question = { devices, per, ...span, ...(worst === undefined ? {} : { worst }) };
        const table = await history.availability(question, signal);
        return tableAs('availability', await known(device, table, 'availability_percent'));
      },
    }),
    route({
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
        return tableAs('events', await known(device, await history.events(question, signal)));
      },
    }),
  ];
}

function devicesOf(book: DeviceBook, device: Id | undefined, tag: Id | undefined): readonly Id[] {
  if (device !== undefined && tag !== undefined)
    throw new HttpProblem(400, 'give device or tag, not both; neither is all devices');
  if (device !== undefined) return [device];
  const chosen = book.chosen({ tag });
  if (chosen.length === 0 && tag !== undefined)
    throw new HttpProblem(404, `no device bears the tag "${tag}"; look at /api/devices`);
  if (chosen.length <= DEVICES_MOST) return chosen;
  const bearing = tag === undefined ? 'are known' : `bear the tag "${tag}"`;
  throw new HttpProblem(400, `${chosen.length} devices ${bearing}, more than ${DEVICES_MOST}; take a narrower tag`);
}

function tableAs(name: string, table: Table): Answer {
  return { table, json: jsonOf(name, table) };
}

/** Rows that have been read up to the first that tells something, so that it is known whether there is any. */
async function begun(
  { columns, rows }: Table,
  tells: string | undefined,
): Promise<AsyncIterable<readonly Cell[]> & { readonly empty: boolean }> {
  const iterator = (async function* () {
    yield* rows;
  })();
  const read: (readonly Cell[])[] = [];
  let empty = true;
  while (empty) {
    const next = await iterator.next();
    if (next.done === true) break;
    read.push(next.value);
    empty = tells !== undefined && next.value[columns.indexOf(tells)] === null;
  }
  return {
    empty,
    async *[Symbol.asyncIterator]() {
      yield* read;
      yield* iterator;
    },
  };
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
