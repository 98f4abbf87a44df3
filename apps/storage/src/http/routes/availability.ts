import { Id } from '@guaita/model';
import { z } from 'zod';
import { DAY_ms } from '../../day.ts';
import { askedSpan } from '../../query/asked-span.ts';
import type { DeviceBook } from '../device-book.ts';
import { HttpProblem } from '../problem.ts';
import { known, LATE, Rows, spanShape, tableAs, type Past } from './past.ts';
import { route, type Route } from './route.ts';

/** Their changes in the span are in memory all at once. */
const DEVICES_MOST = 10_000;

const MONTH_ms = 28 * DAY_ms;

/** Devices times days or months: five thousand devices' month by day; more is asked for a month at a time. */
const PERIODS_MOST = 200_000;

/** The route that tells for how much of the time devices were up. */
export function availabilityRoute({ history, book, now_ms }: Past): Route {
  return route({
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
      return tableAs('availability', await known(book, device, table, 'availability_percent'));
    },
  });
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
