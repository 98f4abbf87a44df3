import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineOver, scratchFolder } from '../engine/scratch.testdata.ts';
import { csvLine, selectFromCsv } from './csv.ts';
import type { ColumnType, Kind, Value } from './kind.ts';
import { kinds } from './kinds.ts';
import { oneLine } from './text.ts';

const everyType: Kind = {
  name: 'every-type',
  meaning: 'a column of each type',
  columns: (
    ['VARCHAR', 'TIMESTAMP', 'INTEGER', 'BIGINT', 'DECIMAL(9,3)', 'DOUBLE', 'BOOLEAN'] satisfies ColumnType[]
  ).map((type) => ({ name: type, type, meaning: '' })),
  key: [],
  order: [],
};

async function readBack(rows: readonly (readonly Value[])[]): Promise<unknown[][]> {
  const folder = scratchFolder();
  const { store } = await engineOver(folder);
  return readWith(store, folder, rows);
}

async function readWith(
  store: Awaited<ReturnType<typeof engineOver>>['store'],
  folder: string,
  rows: readonly (readonly Value[])[],
): Promise<unknown[][]> {
  const file = join(folder, 'segment.csv');
  writeFileSync(file, rows.map(csvLine(everyType)).join(''));
  const read = await store.rows(selectFromCsv(everyType), { segments: [file] });
  return read.map((row) =>
    everyType.columns.map(({ name }) => (row[name] instanceof Date ? row[name].getTime() : row[name])),
  );
}

describe('a line of the journal', () => {
  it('gives back every value as it was', { timeout: 60_000 }, async () => {
    const folder = scratchFolder();
    const { store } = await engineOver(folder);
    const orNull = (values: fc.Arbitrary<Value>): fc.Arbitrary<Value> => fc.option(values, { nil: null });
    const row = fc.tuple(
      orNull(fc.string({ unit: 'binary' }).map(oneLine)),
      orNull(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })),
      orNull(fc.integer({ min: 1 - 2 ** 31 })),
      orNull(fc.maxSafeInteger()),
      orNull(fc.integer({ min: -999_998_999, max: 999_998_999 }).map((thousandths) => thousandths / 1000)),
      orNull(fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0)),
      orNull(fc.boolean()),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (rows) => {
        expect(await readWith(store, folder, rows)).toEqual(rows);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves out what a column cannot hold, and the other rows are read', async () => {
    const wild: Value[] = ['a', 1e300, 1e300, 1e300, 1e300, Infinity, 'yes'];
    const good: Value[] = ['b', 1, 2, 3, 4.5, 6, true];
    expect(await readBack([wild, good])).toEqual([['a', null, null, null, null, null, null], good]);
  });

  it('tells an empty text from none', async () => {
    const rest = [null, null, null, null, null, null];
    expect(
      await readBack([
        ['', ...rest],
        [null, ...rest],
        [' ', ...rest],
        ['a,"b"', ...rest],
      ]),
    ).toEqual([
      ['', ...rest],
      [null, ...rest],
      [' ', ...rest],
      ['a,"b"', ...rest],
    ]);
  });

  it('takes tiny round trips for none', async () => {
    const row: Value[] = [null, null, null, null, 1e-7, null, null];
    expect((await readBack([row]))[0]?.[4]).toBe(0);
  });

  it('is read also where an earlier version wrote it, with fewer columns, and where another is no row at all', async () => {
    const folder = scratchFolder();
    const { store } = await engineOver(folder);
    const file = join(folder, 'segment.csv');
    writeFileSync(file, 'a,1000,1\n"b",x,y,\u0001"z"\nc,2000,2,3,4500,6,true\n');
    const rows = await store.rows<{ VARCHAR: string; BOOLEAN: boolean }>(selectFromCsv(everyType), {
      segments: [file],
    });
    expect(rows.map((row) => [row.VARCHAR, row.BOOLEAN])).toEqual([
      ['a', null],
      ['c', true],
    ]);
  });

  it('is short', () => {
    const row = ['lookout-1', 'router-17', 1_764_000_000_000, 3, 'up', 3, 3, 1.234, 1.5, 2.25, 0.1, null];
    expect(csvLine(kinds.ping)(row)).toBe('lookout-1,router-17,1764000000000,3,up,3,3,1234,1500,2250,100,\n');
  });
});

describe('a text from outside', () => {
  it('becomes one line of bounded length', () => {
    expect(oneLine('no route\r\n\tto host\u0000')).toBe('no route to host');
    expect(oneLine('x'.repeat(10_000))).toHaveLength(500);
    expect(oneLine(`\ud800 alone`).isWellFormed()).toBe(true);
  });
});
