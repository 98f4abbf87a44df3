import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { EVENING_ms, numbers, pingRowNumber, Place } from '../store.testdata.ts';
import { exportHistory } from './export-history.ts';
import { readHeader } from './foreign-rows.ts';
import type { ForeignFormat } from './foreign-table.ts';
import { importHistory } from './import-history.ts';

const signal = new AbortController().signal;
const progress = (): void => undefined;
const format: ForeignFormat = { kind: 'ping', monitor: 'imported', columns: {}, now_ms: EVENING_ms };

async function read(place: Place, header: string, lines: readonly string[], more: Partial<ForeignFormat> = {}) {
  const file = join(place.folder, 'foreign.csv');
  await writeFile(file, [header, ...lines, ''].join('\n'));
  const question = { file, scratch: place.folder, history: place.history, format: { ...format, ...more }, progress };
  return importHistory(question, signal);
}

describe('exportHistory', { timeout: 60_000 }, () => {
  async function stored(): Promise<Place> {
    const place = await Place.make();
    const store = await place.started({ partRows: 100 });
    store.append(
      'ping',
      numbers(0, 100).map((n) => pingRowNumber(n)),
    );
    await store.settled();
    // An hour later it is the next day: the first are sealed, the others wait.
    await place.clock.advance(2 * 3_600_000);
    await store.settled();
    store.append(
      'ping',
      numbers(100, 200).map((n) => pingRowNumber(n)),
    );
    await store.settled();
    store.append(
      'ping',
      numbers(200, 250).map((n) => pingRowNumber(n)),
    );
    return place;
  }
  const question = (place: Place, out: string) => ({
    ...{ own: place.own, history: place.history, kind: 'ping' as const, devices: [], force: false, progress },
    ...{ from_ms: EVENING_ms, to_ms: EVENING_ms + 1_000, out: join(place.folder, out) },
  });

  test('writes sealed days, parts and the journal of a storage that runs, in order', async () => {
    const place = await stored();
    const csv = question(place, 'out.csv');
    expect(await exportHistory({ ...csv, format: 'csv' }, signal)).toEqual({ rows: 250, leftOut: '' });
    const [header, ...lines] = (await readFile(csv.out, 'utf8')).trim().split('\n');
    expect(header).toBe(
      'monitor,device,at,delay_ms,state,sent,received,rtt_min_ms,rtt_avg_ms,rtt_max_ms,jitter_ms,reason',
    );
    expect(lines.map((line) => Number(line.split(',')[5]))).toEqual(numbers(0, 250));
    expect(lines[1]).toBe('lookout,device-1,2026-11-22T23:00:00.001Z,3,up,1,3,0.500,1.250,2.000,0.125,');

    const some = { ...question(place, 'out.parquet'), devices: ['device-1'], from_ms: EVENING_ms + 100 };
    expect(await exportHistory({ ...some, format: 'parquet' }, signal)).toMatchObject({ rows: 21 });
    const rows = await place.engine.queries.rows(`SELECT min(sent) AS first FROM read_parquet('${some.out}')`);
    expect(rows).toEqual([{ first: 106 }]);
    expect((await readdir(place.folder)).sort()).toEqual(['history', 'out.csv', 'out.parquet', 'spill', 'storage']);
  });

  test('replaces no file unasked, says where there is no history, and leaves a torn file out', async () => {
    const place = await stored();
    const asked = { ...question(place, 'out.csv'), format: 'csv' as const };
    await writeFile(asked.out, 'mine');
    await expect(exportHistory(asked, signal)).rejects.toThrow(/out\.csv is there already; .*--force/);
    expect(await readFile(asked.out, 'utf8')).toBe('mine');
    await writeFile(join(place.history, 'ping', '2026-11-22', 'other-1.parquet'), 'PAR1 torn');
    const { rows, leftOut } = await exportHistory({ ...asked, force: true }, signal);
    expect([rows, leftOut]).toEqual([250, expect.stringMatching(/left out: .*other-1\.parquet/)]);
    const nowhere = { ...asked, own: '/nowhere/storage', history: '/nowhere/history', force: true };
    await expect(exportHistory(nowhere, signal)).rejects.toThrow(/no history in .*--data/);
  });
});

describe('importHistory', { timeout: 60_000 }, () => {
  const DAY_s = Date.UTC(2020, 0, 1) / 1000;
  const header = 'time,device,loss,rtt,sent';
  const lines = numbers(0, 2_000).map((n) => `${DAY_s + n * 300},ap-${n % 2},${n % 20},0.0${10 + (n % 10)},20`);
  const units = { rttUnit: 's', lossUnit: 'requests' } as const;

  test('puts each day in its place with its rollups; twice doubles nothing, and what is new is added', async () => {
    const place = await Place.make();
    expect(await read(place, header, lines, units)).toEqual({
      ...{ lines: 2_000, rows: 2_000, known: 0, days: 7, leftOut: [], leftOutTotal: 0, problem: '' },
    });
    const more = [...lines.slice(0, 10), `${DAY_s + 150},ap-0,0,0.01,20`, `${DAY_s + 150},ap-0,0,0.01,20`];
    expect(await read(place, header, lines, units)).toMatchObject({ rows: 0, known: 2_000, days: 0 });
    expect(await read(place, header, more, units)).toMatchObject({ rows: 1, known: 11, days: 1, problem: '' });
    expect(await readdir(join(place.history, 'ping', '2020-01-01'))).toEqual([
      'imported-1.parquet',
      'imported-2.parquet',
    ]);
    const store = await place.started();
    expect(await place.found(store)).toHaveLength(2_001);
    const day = `read_parquet('${join(place.history, 'ping-1d')}/*/*.parquet')`;
    const [row] = await place.engine.queries.rows(`SELECT sum(measurements) AS n, count(*) AS buckets FROM ${day}`);
    expect(row).toEqual({ n: 2_001, buckets: 14 });
  });

  test('leaves out what it cannot read, and names the lines', async () => {
    const place = await Place.make();
    const report = await read(place, 'Timestamp;Host;loss %;RTT (ms)', [
      '2026-11-01 10:00:00;ap;0;1.5',
      'yesterday;ap;0;1.5',
      '2026-11-01T10:05:00+01:00;ap;NaN;NaN',
      '2026-11-01T10:05:00+01:00;Kitchen AP;0;1',
      '2026-11-01T10:05:00+01:00;ap;120;1',
      '2026-11-01T10:05:00+01:00;ap;100;nan',
    ]);
    expect(report.leftOut.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      expect.stringMatching(/^3 "yesterday" is no time/),
      '4 nothing was measured',
      expect.stringMatching(/^5 device "Kitchen AP" is no id/),
      '6 a loss of 120 is more than all',
    ]);
    expect([report.rows, report.leftOutTotal]).toEqual([2, 4]);
    const store = await place.started();
    expect(await place.found(store)).toEqual([100, 100]);
  });

  test('says what to do where rollups fail, and makes them when it is done again', async () => {
    const place = await Place.make();
    const inTheWay = join(place.history, 'ping-5m', '2020-01-01');
    await mkdir(dirname(inTheWay), { recursive: true });
    await writeFile(inTheWay, 'in the way');
    const { rows, problem } = await read(place, header, lines, units);
    expect(rows).toBe(2_000);
    expect(problem).toMatch(/^making rollups of ping: .*; import the file once more when that is mended: /);
    expect(problem).not.toContain('tried again');
    await rm(inTheWay);
    expect(await read(place, header, lines, units)).toMatchObject({ rows: 0, known: 2_000, problem: '' });
    expect(await readdir(join(place.history, 'ping-5m'))).toHaveLength(7);
  });

  test('puts what interfaces carried and what sensors gave in their places, with rollups', async () => {
    const place = await Place.make();
    const traffic = await read(
      place,
      'time,device,port,INOCTETS,OUTOCTETS,in_errors_per_s',
      [
        `${DAY_s},router,eth0,1000.26,nan,0.00049`,
        `${DAY_s + 300},router,eth0,2000,125,U`,
        `${DAY_s + 600},router,eth0,nan,nan,`,
        `${DAY_s + 600},router,,1,2,`,
        `${DAY_s + 600},router,eth1,-5,2,`,
      ],
      { kind: 'interface' },
    );
    expect(traffic).toMatchObject({ rows: 2, leftOutTotal: 3, problem: '' });
    expect(traffic.leftOut.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '4 nothing was measured',
      '5 it names no interface',
      '6 in: "-5" is no number of 0 or more',
    ]);
    const heat = await read(place, 'time,value', [`${DAY_s},-3.5`, `${DAY_s + 60},hot`, `${DAY_s + 60},4`], {
      ...{ kind: 'sensor', device: 'mast', sensor: 'roof', unit: 'celsius' },
    });
    expect(heat).toMatchObject({ rows: 2, leftOut: [{ line: 3, reason: 'value: "hot" is no number' }], problem: '' });
    const all = async (kind: string, columns: string) => {
      const files = `read_parquet('${join(place.history, kind)}/*/*.parquet')`;
      return place.engine.queries.rows(`SELECT ${columns} FROM ${files} ORDER BY "at"`);
    };
    const started = await place.started();
    await started.stop();
    expect(await all('interface', 'monitor, device, interface, in_bps, out_bps, in_errors_per_s, oper')).toEqual([
      {
        ...{ monitor: 'imported', device: 'router', interface: 'eth0', oper: null },
        in_bps: 8002,
        out_bps: null,
        in_errors_per_s: 0,
      },
      {
        ...{ monitor: 'imported', device: 'router', interface: 'eth0', oper: null },
        in_bps: 16_000,
        out_bps: 1000,
        in_errors_per_s: null,
      },
    ]);
    expect(await all('sensor', 'device, source, sensor, value, unit')).toEqual([
      { device: 'mast', source: 'sensor', sensor: 'roof', value: -3.5, unit: 'celsius' },
      { device: 'mast', source: 'sensor', sensor: 'roof', value: 4, unit: 'celsius' },
    ]);
    expect(await all('interface-1d', 'in_max_bps, measurements')).toEqual([{ in_max_bps: 16_000, measurements: 2 }]);
    expect(await all('sensor-1d', 'value_min, value_max')).toEqual([{ value_min: -3.5, value_max: 4 }]);
  });

  test.each([
    [
      'interface',
      'time,device,in_bps',
      /no column tells the interface: .*--column interface=NAME, or give --interface/,
    ],
    ['interface', 'time,device,port,in', /"in" does not tell its unit; give --rate-unit bits or bytes/],
    ['interface', 'time,device,port,in_errors', /no column tells traffic: .*--column in=NAME/],
    ['sensor', 'time,device,sensor,unit', /no column tells the value: .*--column value=NAME/],
    ['sensor', 'time,device,sensor,value', /no column tells the unit: .*; give --unit, such as celsius/],
    ['ping', 'time,device,rtt_percent', /"rtt_percent" \(rtt\) does not tell its unit; give --rtt-unit/],
  ] as const)('of kind %s the header %s does not tell enough', async (kind, columns, problem) => {
    const place = await Place.make();
    await expect(read(place, columns, ['1600000000'], { kind })).rejects.toThrow(problem);
  });

  test('changes nothing where the header does not tell enough', async () => {
    const place = await Place.make();
    await expect(read(place, 'a,b', ['1,2'])).rejects.toThrow(/no column tells the time: .*--column time=NAME/);
    await expect(read(place, header, lines)).rejects.toThrow(/"rtt" .*--rtt-unit/);
    await expect(read(place, 'time,device,loss', ['1,ap,2'], units)).rejects.toThrow(/add a column "sent"/);
    expect(await readdir(place.history)).toEqual([]);
  });
});

describe('readHeader', () => {
  it.each([
    [
      ['time', 'loss_percent', 'rtt_ms'],
      ['1600000000', '25', '2'],
      [100, 75, null, 2, null, null],
    ],
    [
      ['at', 'sent', 'received', 'min_us', 'median_us', 'max_us'],
      ['1600000000000', '20', '20', '900', '1000', '1100'],
      [20, 20, 0.9, 1, 1.1, null],
    ],
    [
      ['date', 'loss_ratio'],
      ['2020-09-13', '1'],
      [100, 0, null, null, null, null],
    ],
  ])('reads %j', (header, fields, expected) => {
    const row = readHeader(header, { ...format, device: 'ap' })(fields);
    expect(row.slice(5, 11)).toEqual(expected);
  });
});
