import { DeviceSpec } from '@guaita/messages';
import { Alert, Id, Timestamp, Verdict, VerdictState } from '@guaita/model';
import { z } from 'zod';
import type { DeviceBook, KnownDevice } from '../device-book.ts';
import { HttpProblem } from '../problem.ts';
import { route, type Route } from './route.ts';

const AT_ONCE_MOST = 1_000;

/** A device in few words. */
const Summary = z.object({
  device: Id,
  name: z.string(),
  addresses: z.array(z.string()),
  tags: z.array(Id),
  parents: z.array(Id),
  monitors: z.array(Id).describe('that watch it'),
  state: VerdictState,
  since: Timestamp.nullable().describe('null while nobody has judged it'),
  reason: z.string(),
  alerts: z.int().describe('how many are open'),
});

const COLUMNS = ['device', 'name', 'addresses', 'tags', 'parents', 'monitors', 'state', 'since', 'reason', 'alerts'];

/** The routes that tell what is now. */
export function deviceRoutes(book: DeviceBook): Route[] {
  const find = (device: Id): KnownDevice => {
    const known = book.device(device);
    if (known !== undefined) return known;
    throw new HttpProblem(404, `device "${device}" is not known; look at /api/devices`);
  };
  return [
    route({
      method: 'GET',
      path: '/api/devices',
      summary: 'Devices and what is thought of them, in order of their ids',
      description:
        'Some at once; `next`, where there are more, is `after` for those that follow. As CSV without `total` and `next`.',
      role: 'viewer',
      csv: true,
      query: z.strictObject({
        state: VerdictState.optional(),
        tag: Id.optional(),
        site: Id.optional().describe('one whose monitors watch it'),
        text: z.string().min(1).max(200).optional().describe('in its id, its name or an address'),
        limit: z.coerce.number().int().min(1).max(AT_ONCE_MOST).default(100),
        after: Id.optional(),
        format: z.enum(['json', 'csv']).optional().describe('before what `Accept` says'),
      }),
      answer: z.object({
        total: z.int().describe('how many fit'),
        next: Id.optional(),
        devices: z.array(Summary),
      }),
      handle: ({ query: { limit, after, ...choice } }) => {
        const chosen = book.chosen(choice);
        const rest = after === undefined ? chosen : chosen.filter((device) => device > after);
        const page = rest.slice(0, limit);
        const next = rest.length > page.length ? page.at(-1) : undefined;
        const rows = page.map((device) => summaryOf(find(device)));
        const text = rows.map((row) => COLUMNS.map((column) => cellOf(row[column as keyof typeof row])));
        const value = { total: chosen.length, ...(next === undefined ? {} : { next }), devices: rows };
        return { value, table: { columns: COLUMNS, rows: text } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/devices/{device}',
      summary: 'All that is known of a device now',
      role: 'viewer',
      params: z.strictObject({ device: Id }),
      answer: z.object({
        spec: DeviceSpec,
        verdict: Verdict.nullable().describe('null while nobody has judged it'),
        alerts: z.array(Alert).describe('those that are open'),
      }),
      problems: { 404: 'There is no such device' },
      handle: ({ params: { device } }) => {
        const { spec, verdict = null, alerts } = find(device);
        return { value: { spec, verdict, alerts } };
      },
    }),
  ];
}

function summaryOf({ spec, verdict, alerts }: KnownDevice): z.output<typeof Summary> {
  const { device, name, addresses, tags, parents, monitors } = spec;
  const { state = 'unknown', since = null, reason = 'nobody has judged it yet' } = verdict ?? {};
  return { device, name, addresses, tags, parents, monitors, state, since, reason, alerts: alerts.length };
}

function cellOf(value: string | number | null | readonly string[]): string | number | null {
  return typeof value === 'object' && value !== null ? value.join(' ') : value;
}
