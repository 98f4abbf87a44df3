import { dirname } from 'node:path';
import { beginOfDay_ms } from '../day.ts';
import { within } from '../engine/sql.ts';
import type { History, Span } from '../history.ts';
import type { EventKind } from '../http/history-queries.ts';
import { kinds, type KindName } from '../kinds/kinds.ts';
import { rowsOf } from '../parts/rows-of.ts';
import { bucketKinds, selectBuckets, selectFullest, selectMerged } from '../rollup/buckets.ts';
import { BUCKET_ms, ROLLED, type Resolution, type Rolled } from '../rollup/resolution.ts';
import { rollups, type RolledKind } from '../rollup/rollup.ts';
import type { RollupFiles } from '../rollup/rollup-files.ts';
import { gaps } from './gaps.ts';
import type { Held, Plan } from './read.ts';
import type { KeptSince } from './resolution-for.ts';

/** What plans are made with. */
export interface PlansParts {
  readonly history: History;
  readonly rollups: RollupFiles;
  /** Milliseconds since 1970. */
  readonly now_ms: () => number;
}

/** Finds where the rows stand that a question is about, and holds that; and makes the query that gives each of them once. */
export class Plans {
  readonly #parts: PlansParts;

  constructor(parts: PlansParts) {
    this.#parts = parts;
  }

  /** Measurements or buckets of a span that meet a condition, each once; buckets also where they begin before it. */
  async rows(held: Held, kind: RolledKind, resolution: Resolution, span: Span, condition: string): Promise<Plan> {
    return resolution === 'raw'
      ? this.#measurements(held, kind, span, condition)
      : this.buckets(held, kind, resolution, span, condition);
  }

  /** Measurements of a span that meet a condition, each once. */
  async #measurements(held: Held, kind: RolledKind, span: Span, condition: string): Promise<Plan> {
    return this.#merged(held, kind, span, `${condition} AND ${within(span)}`);
  }

  /** Buckets of a span, each once: from rollups, and where days have none of our own yet from measurements as well. */
  async buckets(held: Held, kind: RolledKind, resolution: Rolled, span: Span, condition: string): Promise<Plan> {
    const { rollups: files } = this.#parts;
    const bucket_ms = BUCKET_ms[resolution];
    const whole = { from_ms: Math.floor(span.from_ms / bucket_ms) * bucket_ms, to_ms: span.to_ms };
    const sources = await files.sources(kind, resolution, whole);
    held.push(sources);
    const kindOfBuckets = bucketKinds[`${kind}-${resolution}`];
    const rolledIn = (some: Span): string =>
      `SELECT * FROM (${rowsOf(kindOfBuckets, sources)}) WHERE ${condition} AND ${within(some)}`;
    const unrolled = gaps(whole, await files.rolledDays(kind));
    const missing: Plan[] = [];
    for (const gap of unrolled) missing.push(await this.#measurements(held, kind, gap, condition));
    const worked = missing.map(({ sql }) => selectBuckets(rollups[kind], resolution, sql));
    const inGaps = [...unrolled.map(rolledIn), ...worked].join(' UNION ALL BY NAME ');
    const elsewhere = `${rolledIn(whole)}${unrolled.map((gap) => ` AND NOT (${within(gap)})`).join('')}`;
    // To tell doubles apart takes several times as long as to read, so that is done only where there may be some.
    const isAlone = new Set(sources.files.map((file) => dirname(file))).size === sources.files.length;
    const fullest = isAlone ? elsewhere : selectFullest(kindOfBuckets, elsewhere);
    const parts = unrolled.length === 0 ? [fullest] : [fullest, selectFullest(kindOfBuckets, inGaps)];
    return {
      sql: parts.map((sql) => `SELECT * FROM (${sql})`).join(' UNION ALL BY NAME '),
      examine: async () => {
        const bad = await Promise.all([
          files.examine(kind, resolution, sources.files).then((left) => left.length > 0),
          ...missing.map((plan) => plan.examine()),
        ]);
        return bad.includes(true);
      },
    };
  }

  /** Verdicts or alerts up to `$to` that meet a condition, each once. */
  async events(held: Held, kind: EventKind, span: Span, condition: string): Promise<Plan> {
    const plan = await this.#merged(held, kind, span, `${condition} AND "at" < $to`);
    return kind === 'verdict' ? { ...plan, sql: onlyChanges(plan.sql) } : plan;
  }

  /** How far back each resolution goes. */
  async keptSince_ms(kind: RolledKind): Promise<KeptSince> {
    const { history, rollups: files, now_ms } = this.#parts;
    const today_ms = beginOfDay_ms(now_ms());
    const rolled = await Promise.all(ROLLED.map((resolution) => files.since_ms(kind, resolution)));
    const since: Partial<Record<Resolution, number>> = { raw: (await history.since_ms(kind)) ?? today_ms };
    ROLLED.forEach((resolution, index) => (since[resolution] = Math.min(rolled[index] ?? Infinity, since.raw!)));
    return since;
  }

  async #merged(held: Held, kind: KindName, span: Span, condition: string): Promise<Plan> {
    const { history } = this.#parts;
    const sources = await history.sources(kind, span);
    held.push(sources);
    return {
      sql: selectMerged(kinds[kind], rowsOf(kinds[kind], sources), condition),
      examine: async () => (await history.examine(kind, sources.files)).length > 0,
    };
  }
}

/** Brokers may have learned of a change some moments apart: what follows its like is none. */
function onlyChanges(verdicts: string): string {
  return `SELECT * FROM (${verdicts}) QUALIFY lag(state) OVER (PARTITION BY device ORDER BY "at") IS DISTINCT FROM state`;
}
