import type { Id, VerdictState } from '@guaita/model';
import type { Lane, Result, ResultRow } from '../engine/engine.ts';
import type {
  AvailabilityQuestion,
  EventKind,
  EventsQuestion,
  HistoryQueries,
  Series,
  SeriesQuestion,
  SparksQuestion,
  WorstQuestion,
} from '../http/history-queries.ts';
import type { Cell, Table } from '../http/table.ts';
import { rollups } from '../rollup/rollup.ts';
import { availability, periods, worstFirst, type Change } from './availability.ts';
import { Plans, type PlansParts } from './plans.ts';
import { read, type Plan, type Reading } from './read.ts';
import { resolutionFor } from './resolution-for.ts';
import { bucketColumns, measurementColumns, partSql, seriesOrder } from './series.ts';
import { rankings } from './worst.ts';

/** The worst of a longer time are told by its hours, of a very long one by its days: a point for each is plenty. */
const WORST_POINTS = 1_000;

export interface HistoryReaderParts extends PlansParts {
  readonly lane: Lane;
}

/** Answers questions from what all files and tables at hand have, each row once. */
export class HistoryReader implements HistoryQueries {
  readonly #parts: HistoryReaderParts;
  readonly #plans: Plans;

  constructor(parts: HistoryReaderParts) {
    this.#parts = parts;
    this.#plans = new Plans(parts);
  }

  async series(question: SeriesQuestion, signal: AbortSignal): Promise<Series> {
    const { kind, points, device, monitor, part } = question;
    const rollup = rollups[kind];
    const resolution = resolutionFor(question, points, await this.#plans.keptSince_ms(kind));
    const conditions = ['device = $device'];
    const parameters: Record<string, string> = { device };
    if (monitor !== undefined) {
      conditions.push('monitor = $monitor');
      parameters['monitor'] = monitor;
    }
    const partOf = partSql(rollup);
    if (part !== undefined && partOf !== undefined) {
      conditions.push(`${partOf} = $part`);
      parameters['part'] = part;
    }
    const condition = conditions.join(' AND ');
    const { names, sql: columns } = resolution === 'raw' ? measurementColumns(rollup) : bucketColumns(rollup);
    const table = this.#table(names, {
      plan: async (held) => {
        const { sql, ...plan } = await this.#plans.rows(held, kind, resolution, question, condition);
        return { ...plan, sql: `SELECT ${columns} FROM (${sql}) ORDER BY ${seriesOrder(rollup)}` };
      },
      parameters,
      signal,
    });
    return { resolution, ...table };
  }

  async sparks({ devices, ...span }: SparksQuestion, signal: AbortSignal): Promise<Table> {
    const names = ['device', 'at', 'rtt_avg_ms', 'loss_percent'];
    const figures = `${rankings.rtt.value} AS rtt_avg_ms, ${rankings.loss.value} AS loss_percent`;
    return this.#table(names, {
      plan: async (held) => {
        const { sql, ...plan } = await this.#plans.buckets(held, 'ping', '5m', span, OF_DEVICES);
        return {
          ...plan,
          sql: `SELECT device, "at", ${figures} FROM (${sql}) GROUP BY device, "at" ORDER BY device, "at"`,
        };
      },
      parameters: { devices },
      signal,
    });
  }

  async worst({ by, limit, ...span }: WorstQuestion, signal: AbortSignal): Promise<Table> {
    const { kind, value } = rankings[by];
    const fitting = resolutionFor(span, WORST_POINTS, await this.#plans.keptSince_ms(kind));
    const resolution = fitting === 'raw' ? '5m' : fitting;
    const part = partSql(rollups[kind]);
    const names = ['device', 'part', 'monitor', 'value', 'count'];
    return this.#table(names, {
      plan: async (held) => {
        const { sql, ...plan } = await this.#plans.rows(held, kind, resolution, span, 'true');
        const ranked =
          `SELECT device, ${part ?? 'NULL'} AS part, monitor, ${value} AS "value", sum(measurements) AS "count" ` +
          `FROM (${sql}) GROUP BY ALL`;
        return {
          ...plan,
          sql: `SELECT * FROM (${ranked}) WHERE "value" IS NOT NULL ORDER BY "value" DESC, device, part, monitor LIMIT $limit`,
        };
      },
      parameters: { limit },
      signal,
    });
  }

  async availability({ devices, per, worst, ...span }: AvailabilityQuestion, signal: AbortSignal): Promise<Table> {
    const changes = new Map<Id, Change[]>(devices.map((device) => [device, []]));
    // What it was before the span is told by its last change before that, however long ago; that one is enough.
    const before = { from_ms: 0, to_ms: span.to_ms };
    const rows = read({
      lane: this.#parts.lane,
      plan: async (held) => {
        const { sql, ...plan } = await this.#plans.events(held, 'verdict', before, OF_DEVICES);
        const next = 'lead("at") OVER (PARTITION BY device ORDER BY "at")';
        return {
          ...plan,
          sql: `SELECT device, "at", state FROM (${sql}) QUALIFY ${next} IS NULL OR ${next} > $from ORDER BY "at"`,
        };
      },
      parameters: { devices, from: new Date(span.from_ms), to: new Date(span.to_ms) },
      signal,
    });
    for await (const { device, at, state } of rows) {
      changes.get(device as Id)!.push({ at_ms: (at as Date).getTime(), state: state as VerdictState });
    }
    const now_ms = this.#parts.now_ms();
    const told = worst === undefined ? devices : worstFirst(changes, span, now_ms).slice(0, worst);
    // Each when it is read: somebody may ask for many years of all devices, and be slow to take them, forty times over.
    const rowsOf = function* (): Generator<readonly Cell[]> {
      for (const device of told) {
        for (const period of periods(span, per)) {
          const found = availability(changes.get(device)!, period, now_ms);
          const { percent, up_ms, down_ms, unknown_ms, maintenance_ms } = found;
          yield [
            device,
            new Date(period.from_ms).toISOString(),
            new Date(period.to_ms).toISOString(),
            percent === null ? null : Math.round(percent * 1e4) / 1e4,
            ...[up_ms, down_ms, unknown_ms, maintenance_ms].map((ms) => ms / 1_000),
          ];
        }
      }
    };
    return {
      columns: ['device', 'from', 'to', 'availability_percent', 'up_s', 'down_s', 'unknown_s', 'maintenance_s'],
      rows: rowsOf(),
    };
  }

  async events({ device, kind, limit, ...span }: EventsQuestion, signal: AbortSignal): Promise<Table> {
    const names = ['at', 'kind', 'device', 'what', 'event', 'severity', 'id', 'text'];
    const condition = device === undefined ? 'true' : 'device = $device';
    const wanted = kind === undefined ? (['verdict', 'alert'] as const) : [kind];
    return this.#table(names, {
      plan: async (held) => {
        const plans: Plan[] = [];
        for (const each of wanted) plans.push(await this.#plans.events(held, each, span, condition));
        const sql = plans.map((plan, index) => `SELECT ${EVENT_COLUMNS[wanted[index]!]} FROM (${plan.sql})`);
        return {
          sql: `SELECT * FROM (${sql.join(' UNION ALL BY NAME ')}) WHERE "at" >= $from ORDER BY "at" DESC, device, what LIMIT $limit`,
          examine: async () => (await Promise.all(plans.map((plan) => plan.examine()))).includes(true),
        };
      },
      parameters: {
        limit,
        from: new Date(span.from_ms),
        to: new Date(span.to_ms),
        ...(device === undefined ? {} : { device }),
      },
      signal,
    });
  }

  #table(names: readonly string[], reading: Omit<Reading, 'lane'>): Table {
    const rows = read({ lane: this.#parts.lane, ...reading });
    return { columns: names, rows: cells(names, rows) };
  }
}

/** In place of `list_contains`, which would look through the list for each row. */
const OF_DEVICES = 'device IN (SELECT unnest($devices::VARCHAR[]))';

const EVENT_COLUMNS: Readonly<Record<EventKind, string>> = {
  verdict: `"at", 'verdict' AS kind, device, state AS what, 'change' AS event, NULL AS severity, NULL AS id, reason AS "text"`,
  alert: `"at", 'alert' AS kind, device, kind AS what, CASE WHEN resolves THEN 'end' ELSE 'begin' END AS event, severity, id, "text"`,
};

async function* cells(names: readonly string[], rows: AsyncIterable<ResultRow>): AsyncGenerator<readonly Cell[]> {
  for await (const row of rows) yield names.map((name) => cell(row[name]));
}

/** No query here gives lists or structures. */
function cell(value: Result | undefined): Cell {
  return value instanceof Date ? value.toISOString() : ((value ?? null) as Cell);
}
