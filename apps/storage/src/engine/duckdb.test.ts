import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DuckDb, FolderNameError } from './duckdb.ts';
import { QueryError, type ResultRow } from './engine.ts';
import { engineOver, scratchFolder } from './scratch.testdata.ts';

/** A query that would take minutes. */
const LONG = 'SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE (a.range + b.range) % 7 = 3';

describe('the engine', () => {
  it('binds parameters of every type, and gives numbers, texts and times', async () => {
    const { queries } = await engineOver(scratchFolder());
    const rows = await queries.rows(
      `SELECT $text AS text, $whole + 1 AS whole, $part AS part, $flag AS flag, $none AS none,
              $at + INTERVAL 1 MINUTE AS "at", list_contains($list, 'b') AS found, 1.25::DECIMAL(9,3) AS decimal`,
      {
        text: `'; DROP TABLE x; --`,
        whole: 2 ** 40,
        part: 0.5,
        flag: true,
        none: null,
        at: new Date(0),
        list: ['a', 'b'],
      },
    );
    expect(rows).toEqual([
      {
        text: `'; DROP TABLE x; --`,
        whole: 2 ** 40 + 1,
        part: 0.5,
        flag: true,
        none: null,
        at: new Date(60_000),
        found: true,
        decimal: 1.25,
      },
    ]);
  });

  it('reads and writes in its folders only, and nobody can change that', async () => {
    const folder = scratchFolder();
    const { queries } = await engineOver(folder);
    const outside = join(scratchFolder(), 'other.csv');
    writeFileSync(outside, 'secret\n');
    for (const path of [outside, '/etc/passwd', `${folder}/../../etc/passwd`]) {
      await expect(queries.rows('SELECT * FROM read_text($path)', { path })).rejects.toThrow(
        /disabled by configuration/,
      );
    }
    await expect(queries.run(`COPY (SELECT 1) TO '${outside}.parquet'`)).rejects.toThrow(QueryError);
    expect(existsSync(`${outside}.parquet`)).toBe(false);
    await expect(queries.run('SET enable_external_access = true')).rejects.toThrow(/locked/);
    await expect(queries.run('INSTALL httpfs')).rejects.toThrow(QueryError);
    await expect(queries.run('LOAD httpfs')).rejects.toThrow(QueryError);
  });

  it('refuses a folder whose name is a pattern to it', async () => {
    const folder = join(scratchFolder(), 'disk[1]');
    await mkdir(folder);
    await expect(engineOver(folder)).rejects.toThrow(FolderNameError);
    await expect(engineOver(folder)).rejects.toThrow(/choose another/);
  });

  it('takes a folder with quotes and blanks in its name', async () => {
    const folder = join(scratchFolder(), `Nan's data`);
    const { store } = await engineOver(folder);
    await store.run(`COPY (SELECT 1 AS one) TO '${folder.replaceAll("'", "''")}/x.parquet'`);
    expect(await store.rows('SELECT one FROM read_parquet($file)', { file: `${folder}/x.parquet` })).toEqual([
      { one: 1 },
    ]);
  });

  it('stops a query that runs when it is aborted, and goes on with the next', async () => {
    const { queries } = await engineOver(scratchFolder());
    const abort = new AbortController();
    const long = queries.rows(LONG, {}, abort.signal);
    setTimeout(() => abort.abort(new Error('nobody waits for it any more')), 50);
    await expect(long).rejects.toThrow('nobody waits for it any more');
    expect(await queries.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('stops a query also that is aborted while it begins', async () => {
    const { queries } = await engineOver(scratchFolder());
    for (let turns = 0; turns < 40; turns++) {
      const abort = new AbortController();
      const long = expect(queries.rows(LONG, {}, abort.signal)).rejects.toThrow('enough');
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      abort.abort(new Error('enough'));
      await long;
    }
  });

  it('lets those wait whose turn is not yet, and drops those that leave', async () => {
    const { queries } = await engineOver(scratchFolder(), { queries: 1 });
    const first = new AbortController();
    const second = new AbortController();
    const order: string[] = [];
    const note = (name: string) => (error: unknown) =>
      order.push(`${name}: ${String((error as Error).message ?? 'done')}`);
    const all = [
      queries.rows(LONG, {}, first.signal).catch(note('first')),
      queries.rows('SELECT 2', {}, second.signal).catch(note('second')),
      queries.rows('SELECT 3').then(note('third')),
    ];
    second.abort(new Error('left'));
    setTimeout(() => first.abort(new Error('aborted')), 50);
    await Promise.all(all);
    expect(order).toEqual(['second: left', 'first: aborted', 'third: done']);
    await expect(queries.rows('SELECT 1', {}, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });

  it('does not let the store wait for those who ask', async () => {
    const { queries, store } = await engineOver(scratchFolder(), { threads: 2 });
    const abort = new AbortController();
    const long = queries.rows(LONG, {}, abort.signal);
    expect(await store.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    abort.abort(new Error('enough'));
    await expect(long).rejects.toThrow('enough');
  });

  it('hands rows on as they are worked out, and stops when nobody takes more', async () => {
    const { queries } = await engineOver(scratchFolder());
    let taken = 0;
    for await (const rows of queries.stream('SELECT range AS n FROM range(100000000)')) {
      taken += rows.length;
      if (taken > 10_000) break;
    }
    expect(taken).toBeLessThan(20_000);
    expect(await queries.rows('SELECT 1 AS one')).toEqual<ResultRow[]>([{ one: 1 }]);
  });

  it('says what is wrong in one line', async () => {
    const folder = scratchFolder();
    const { queries } = await engineOver(folder);
    writeFileSync(join(folder, 'torn.parquet'), 'PAR1 and then nothing of use');
    const error: unknown = await queries
      .rows('SELECT * FROM read_parquet($file)', { file: join(folder, 'torn.parquet') })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(QueryError);
    expect((error as Error).message).toMatch(/torn\.parquet/);
    expect((error as Error).message).not.toContain('\n');
  });

  it(
    'puts what is too large for its memory into its folder, and gives up beyond that',
    { timeout: 60_000 },
    async () => {
      const folder = scratchFolder();
      const large = 'SELECT count(*) AS n FROM (SELECT DISTINCT md5(range::VARCHAR) FROM range(600000))';
      const memory_bytes = 32 * 2 ** 20;
      const { queries } = await engineOver(folder, { memory_bytes });
      expect(await queries.rows(large)).toEqual([{ n: 600_000 }]);
      // What a list holds can go nowhere else.
      await expect(queries.rows('SELECT len(list(range)) AS n FROM range(10000000)')).rejects.toThrow(/memory/i);
      expect(await queries.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    },
  );

  it('empties what a process that was killed has left in its folder', async () => {
    const folder = scratchFolder();
    const spill = join(folder, 'spill');
    await mkdir(spill);
    writeFileSync(join(spill, 'left.tmp'), 'x');
    const engine = await DuckDb.open({
      folders: [folder],
      spill,
      memory_bytes: 2 ** 26,
      spill_bytes: 2 ** 26,
      threads: 1,
      queries: 1,
    });
    expect(existsSync(join(spill, 'left.tmp'))).toBe(false);
    engine.close();
  });
});
