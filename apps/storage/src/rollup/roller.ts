import { basename, dirname } from 'node:path';
import type { Clock, Health } from '@guaita/service';
import type { Logger } from 'pino';
import { beginOfDay_ms, DAY_ms, spanOf, type Day } from '../day.ts';
import { QueryError, type Lane } from '../engine/engine.ts';
import { literal, quoted, within } from '../engine/sql.ts';
import type { History, Sources, Span } from '../history.ts';
import type { Kind } from '../kinds/kind.ts';
import { rowsOf } from '../parts/rows-of.ts';
import { Rounds, type Attempt } from '../rounds.ts';
import { bucketKinds, selectAllBuckets, selectFullest, selectMerged, type BucketName } from './buckets.ts';
import { ROLLED, type Rolled } from './resolution.ts';
import { rolledKinds, rollups, type RolledKind } from './rollup.ts';
import type { RollupFiles } from './rollup-files.ts';

/** What comes so long after midnight is in its day’s rollups all the same: a handful of each day does. */
const LATE_ms = 10 * 60_000;

/** Other hosts’ files come at any time, through whatever copies them. */
const LOOK_ms = 10 * 60_000;

/**
 * So many measurements are put together at a time: who merges them and works their percentiles out holds all of them in
 * memory, some 300 bytes each, which the database’s limit does not count.
 */
const AT_ONCE = 100_000;

/** What a roller is made of. */
export interface RollerParts {
  readonly history: Pick<History, 'sealed' | 'examine'>;
  readonly files: RollupFiles;
  /** Its tables are of this lane’s database. */
  readonly lane: Lane;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
  /** For how many days measurements are kept: what is older may be there in part, and is not put together again. */
  readonly rawDays: number;
  /** How many measurements are put together at a time. */
  readonly atOnce?: number;
}

/**
 * Puts each day’s measurements together into buckets, once the day is over and sealed, and again when more of it turns up:
 * a clock was wrong, or another host’s file fills a gap. Buckets are only ever replaced by fuller ones, so that what
 * retention has taken away is not missed.
 */
export class Roller {
  readonly #parts: RollerParts;
  readonly #rounds: Rounds;
  /** Sealed files that were looked at, and the days of which they have rows that came late. */
  readonly #late = new Map<string, readonly Day[]>();

  constructor(parts: RollerParts) {
    this.#parts = parts;
    const { clock, health, log } = parts;
    const round = (attempt: Attempt): Promise<void> => this.#rollAll(attempt);
    this.#rounds = new Rounds({ component: 'rollups', round, every_ms: LOOK_ms, clock, health, log });
  }

  /** Does what is due, now and every so often. */
  start(): void {
    this.#rounds.start();
  }

  /** Breaks off what it does: that leaves nothing behind. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Resolves once what is due is done, or could not be. */
  async idle(): Promise<void> {
    await this.#rounds.idle();
  }

  async #rollAll(attempt: Attempt): Promise<void> {
    for (const kind of rolledKinds) {
      await attempt(`making rollups of ${kind}`, async () => {
        for (const due of await this.#due(kind)) await this.#roll(kind, due);
      });
    }
  }

  /** Days that are over and have sealed files which their rollups were not made from. */
  async #due(kind: RolledKind): Promise<{ day: Day; madeFrom: string[] }[]> {
    const { clock, files, rawDays } = this.#parts;
    const now_ms = clock.now_ms();
    const today_ms = beginOfDay_ms(now_ms - LATE_ms);
    const span = { from_ms: today_ms - rawDays * DAY_ms, to_ms: today_ms };
    const sealed = await this.#sealedByDay(kind, span);
    const due: { day: Day; madeFrom: string[] }[] = [];
    for (const [day, names] of [...sealed].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const at_ms = Date.parse(day);
      if (at_ms < span.from_ms || at_ms >= span.to_ms) continue;
      const owns = await Promise.all(ROLLED.map((resolution) => files.own(kind, resolution, at_ms)));
      if (names.some((name) => owns.some((own) => !own?.madeFrom.has(name)))) due.push({ day, madeFrom: names.sort() });
    }
    return due;
  }

  /** The sealed files that have measurements of a day, by day; not those of which only some came late, in their time. */
  async #sealedByDay(kind: RolledKind, span: Span): Promise<Map<Day, string[]>> {
    const byDay = new Map<Day, string[]>();
    const sources = await this.#parts.history.sealed(kind, span);
    try {
      for (const path of sources.files) {
        const period = basename(dirname(path));
        const name = `${period}/${basename(path)}`;
        for (const day of new Set([period, ...(await this.#lateDays(kind, path, name))])) {
          byDay.set(day, [...(byDay.get(day) ?? []), name]);
        }
      }
    } finally {
      sources.release();
    }
    return byDay;
  }

  /** Of which other days a file has measurements that came too late to be counted with their own. */
  async #lateDays(kind: RolledKind, path: string, name: string): Promise<readonly Day[]> {
    const known = this.#late.get(`${kind}/${name}`);
    if (known !== undefined) return known;
    const period = name.slice(0, 10);
    const rows = await this.#parts.lane.rows<{ day: string }>(
      `SELECT DISTINCT strftime("at", '%Y-%m-%d') AS day FROM read_parquet(${literal(path)})
       WHERE epoch_ms("at") + delay_ms >= epoch_ms(date_trunc('day', "at"::TIMESTAMP)) + ${DAY_ms + LATE_ms}`,
      {},
      this.#rounds.signal,
    );
    const days = rows.map(({ day }) => day).filter((day) => day !== period);
    this.#late.set(`${kind}/${name}`, days);
    return days;
  }

  async #roll(kind: RolledKind, { day, madeFrom }: { day: Day; madeFrom: readonly string[] }): Promise<void> {
    const { history, lane, log } = this.#parts;
    const { signal } = this.#rounds;
    const span = spanOf(day);
    const sources = await history.sealed(kind, span);
    try {
      const began_ms = this.#parts.clock.monotonic_ms();
      await this.#putTogether(kind, sources, span);
      // The shortest last: it tells that the others are there.
      for (const resolution of [...ROLLED].reverse()) await this.#write(kind, resolution, span, madeFrom);
      const took_ms = this.#parts.clock.monotonic_ms() - began_ms;
      log.info({ kind, day, took_ms: Math.round(took_ms) }, 'made rollups');
    } catch (error) {
      if (error instanceof QueryError) await history.examine(kind, sources.files);
      throw error;
    } finally {
      sources.release();
      for (const table of [OF_TURN, MERGED, ...ROLLED.map(bucketTable)])
        await lane.run(`DROP TABLE IF EXISTS ${table}`);
    }
    signal.throwIfAborted();
  }

  /** A table of a day’s buckets for each resolution. */
  async #putTogether(kind: RolledKind, sources: Sources, span: Span): Promise<void> {
    const { lane } = this.#parts;
    const { signal } = this.#rounds;
    const rollup = rollups[kind];
    const rows = rowsOf(rollup.of, sources);
    const ofDay = within(span);
    const counts = await lane.rows<{ device: string; rows: number }>(
      `SELECT device, count(*) AS rows FROM (${rows}) WHERE ${ofDay} GROUP BY device ORDER BY device`,
      {},
      signal,
    );
    for (const [turn, { first, last }] of turnsOf(counts, this.#parts.atOnce ?? AT_ONCE).entries()) {
      // Files are sorted by device: for each turn some of their row groups are read, and its buckets go behind those before.
      const some = `${ofDay} AND device BETWEEN ${literal(first)} AND ${literal(last)}`;
      const all = selectAllBuckets(rollup, selectMerged(rollup.of, rows, some));
      await lane.run(`CREATE OR REPLACE TABLE ${OF_TURN} AS ${all}`, {}, signal);
      for (const resolution of ROLLED) {
        const order = bucketKinds[`${kind}-${resolution}`].order.map(quoted).join(', ');
        const buckets = `SELECT * EXCLUDE (resolution) FROM ${OF_TURN} WHERE resolution = '${resolution}' ORDER BY ${order}`;
        const into =
          turn === 0
            ? `CREATE OR REPLACE TABLE ${bucketTable(resolution)} AS`
            : `INSERT INTO ${bucketTable(resolution)}`;
        await lane.run(`${into} ${buckets}`, {}, signal);
      }
    }
    await lane.run(`DROP TABLE ${OF_TURN}`);
  }

  /** Puts a day’s buckets into this monitor’s file of the period. */
  async #write(kind: RolledKind, resolution: Rolled, span: Span, madeFrom: readonly string[]): Promise<void> {
    const { files, lane } = this.#parts;
    const buckets = bucketKinds[`${kind}-${resolution}`];
    const own = await files.own(kind, resolution, span.from_ms);
    // Nothing is sorted or merged where a period begins: the days of 5 minutes, which are most.
    if (own !== undefined) await this.#merge(buckets, own.path, bucketTable(resolution), span);
    try {
      const all = resolution === '5m' ? madeFrom : [...new Set([...(own?.madeFrom ?? []), ...madeFrom])].sort();
      await files.write(kind, resolution, span.from_ms, {
        table: own === undefined ? bucketTable(resolution) : ROLLED_ROWS,
        isOrdered: own === undefined,
        madeFrom: all,
        signal: this.#rounds.signal,
      });
    } finally {
      await lane.run(`DROP VIEW IF EXISTS ${ROLLED_ROWS}`);
    }
  }

  /** Makes a view of what a period's file has and a day's new buckets, of which the fuller ones count. */
  async #merge(buckets: Kind<BucketName>, path: string, table: string, span: Span): Promise<void> {
    const { lane } = this.#parts;
    const before = rowsOf(buckets, { files: [path], tables: [] });
    const ofDay = within(span);
    const day = `SELECT * FROM (${before}) WHERE ${ofDay} UNION ALL BY NAME SELECT * FROM ${table}`;
    await lane.run(`CREATE OR REPLACE TABLE ${MERGED} AS ${selectFullest(buckets, day)}`, {}, this.#rounds.signal);
    await lane.run(
      `CREATE OR REPLACE VIEW ${ROLLED_ROWS} AS SELECT * FROM ${MERGED} UNION ALL BY NAME SELECT * FROM (${before}) WHERE NOT (${ofDay})`,
    );
  }
}

const OF_TURN = 'rolling_turn';
const MERGED = 'rolling_merged';
const ROLLED_ROWS = 'rolled_rows';
const bucketTable = (resolution: Rolled): string => `rolling_${resolution}`;

/** Devices one after another, as many as have no more measurements together than are put together at a time. */
function turnsOf(
  counts: readonly { device: string; rows: number }[],
  atOnce: number,
): { first: string; last: string }[] {
  const turns: { first: string; last: string; rows: number }[] = [];
  for (const { device, rows } of counts) {
    const turn = turns.at(-1);
    if (turn === undefined || turn.rows + rows > atOnce) turns.push({ first: device, last: device, rows });
    else Object.assign(turn, { last: device, rows: turn.rows + rows });
  }
  // One of no rows makes no buckets of them.
  return turns.length === 0 ? [{ first: '', last: '' }] : turns;
}
