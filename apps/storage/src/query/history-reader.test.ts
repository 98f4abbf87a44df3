import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { all, Archive } from '../archive.testdata.ts';
import { DAY_ms } from '../day.ts';
import { kinds } from '../kinds/kinds.ts';
import type { Kind, Row, Value } from '../kinds/kind.ts';
import { Place } from '../store.testdata.ts';

const MINUTE_ms = 60_000;
const day_ms = Date.UTC(2026, 10, 22);
const day = { from_ms: day_ms, to_ms: day_ms + DAY_ms };
const signal = AbortSignal.timeout(60_000);

/** A row with some of its columns. */
function row({ columns }: Kind, values: Readonly<Record<string, Value>>): Row {
  for (const name of Object.keys(values)) expect(columns.map((column) => column.name)).toContain(name);
  return columns.map(({ name }) => values[name] ?? null);
}

function probe(device: string, at_ms: number, received: number, rtt_avg_ms: number, monitor = 'lookout'): Row {
  const who = { monitor, device, at: day_ms + at_ms, delay_ms: 1 };
  return row(kinds.ping, { ...who, state: 'up', sent: 3, received, rtt_avg_ms });
}

function turn(device: string, at_ms: number, state: string, monitor = 'lookout'): Row {
  const who = { monitor, device, at: day_ms + at_ms, delay_ms: 1 };
  return row(kinds.verdict, { ...who, state, episode: 1, flapping: false, reason: `it is ${state}` });
}

async function begin(): Promise<Archive> {
  return Archive.begin(await Place.make());
}

describe('the history reader', () => {
  it('gives each measurement of a device in order of monitor and time, or of one monitor', async () => {
    const archive = await begin();
    archive.store.append('ping', [
      probe('router', 5, 3, 1.5, 'two'),
      probe('router', 7, 3, 2.5),
      probe('router', 3, 3, 3.5),
      probe('switch', 3, 3, 9),
      probe('router', -1, 3, 9),
    ]);
    const question = { kind: 'ping', device: 'router', points: 5_000, ...day } as const;
    const { resolution, columns, rows } = await archive.reader.series(question, signal);
    expect(resolution).toBe('raw');
    expect(columns.slice(0, 5)).toEqual(['monitor', 'at', 'state', 'sent', 'received']);
    expect((await all(rows)).map(([monitor, at]) => [monitor, at])).toEqual([
      ['lookout', '2026-11-22T00:00:00.003Z'],
      ['lookout', '2026-11-22T00:00:00.007Z'],
      ['two', '2026-11-22T00:00:00.005Z'],
    ]);
    const one = await archive.reader.series({ ...question, monitor: 'two' }, signal);
    expect(await all(one.rows)).toHaveLength(1);
  });

  it('gives interfaces and sensors by their part, whatever they are called', async () => {
    const archive = await begin();
    const who = { monitor: 'lookout', device: 'router', at: day_ms + 1, delay_ms: 1 };
    const hostile = `ether'1"; DROP TABLE x; --`;
    archive.store.append('interface', [
      row(kinds.interface, { ...who, interface: hostile, in_bps: 100, in_errors_per_s: 2 }),
      row(kinds.interface, { ...who, interface: 'lo', in_bps: 1 }),
    ]);
    archive.store.append('sensor', [
      row(kinds.sensor, { ...who, source: 'ups', sensor: 'charge', value: 97, unit: '%' }),
    ]);
    const ask = async (kind: 'interface' | 'sensor', part?: string) => {
      const question = { kind, device: 'router', points: 5_000, ...day, ...(part === undefined ? {} : { part }) };
      const { columns, rows } = await archive.reader.series(question, signal);
      return (await all(rows)).map((cells) => [
        cells[columns.indexOf('part')],
        cells[columns.indexOf(kind === 'sensor' ? 'value' : 'in_bps')],
      ]);
    };
    expect(await ask('interface', hostile)).toEqual([[hostile, 100]]);
    expect(await ask('interface')).toEqual([
      [hostile, 100],
      ['lo', 1],
    ]);
    expect(await ask('sensor', 'ups/charge')).toEqual([['ups/charge', 97]]);
    const { rows } = await archive.reader.worst({ by: 'errors', limit: 1, ...day }, signal);
    expect(await all(rows)).toEqual([['router', hostile, 'lookout', 2, 1]]);
  });

  it('finds the worst, also over days that are put together and one that is not', async () => {
    const archive = await begin();
    archive.store.append('ping', [probe('bad', 0, 0, 0), probe('good', 0, 3, 1), probe('slow', 0, 3, 80)]);
    await archive.daysLater();
    archive.store.append('ping', [
      probe('bad', DAY_ms + 1, 3, 9),
      probe('good', DAY_ms + 1, 3, 1),
      probe('slow', DAY_ms + 1, 2, 30),
    ]);
    const days = { from_ms: day_ms, to_ms: day_ms + 2 * DAY_ms };
    const worst = async (by: 'loss' | 'rtt', limit: number) =>
      all((await archive.reader.worst({ by, limit, ...days }, signal)).rows);
    expect(await worst('loss', 2)).toEqual([
      ['bad', null, 'lookout', 50, 2],
      ['slow', null, 'lookout', expect.closeTo(100 / 6), 2],
    ]);
    expect(await worst('rtt', 1)).toEqual([['slow', null, 'lookout', 60, 2]]);
  });

  it('tells of several devices over all their monitors by steps of five minutes, also of today', async () => {
    const archive = await begin();
    archive.store.append('ping', [
      probe('router', 23 * 60 * MINUTE_ms, 3, 2),
      probe('router', 23 * 60 * MINUTE_ms + 1, 3, 4, 'two'),
      probe('router', 23 * 60 * MINUTE_ms + 2, 0, 0, 'two'),
      probe('switch', 23 * 60 * MINUTE_ms, 3, 9),
      probe('other', 23 * 60 * MINUTE_ms, 3, 9),
    ]);
    await archive.daysLater();
    archive.store.append('ping', [probe('router', DAY_ms + 6 * MINUTE_ms, 3, 7)]);
    const span = { from_ms: day_ms + 22 * 60 * MINUTE_ms, to_ms: day_ms + DAY_ms + 10 * MINUTE_ms };
    const { columns, rows } = await archive.reader.sparks({ devices: ['router', 'switch', 'new'], ...span }, signal);
    expect(columns).toEqual(['device', 'at', 'rtt_avg_ms', 'loss_percent']);
    expect(await all(rows)).toEqual([
      ['router', '2026-11-22T23:00:00.000Z', 3, expect.closeTo(100 / 3)],
      ['router', '2026-11-23T00:05:00.000Z', 7, 0],
      ['switch', '2026-11-22T23:00:00.000Z', 9, 0],
    ]);
  });

  it('tells for how much of each day a device was up, from its changes, also those long before', async () => {
    const archive = await begin();
    archive.store.append('verdict', [turn('router', -40 * DAY_ms, 'up'), turn('router', DAY_ms / 2, 'down')]);
    await archive.daysLater(2);
    archive.store.append('verdict', [turn('router', DAY_ms, 'up'), turn('switch', DAY_ms, 'maintenance')]);
    const question = {
      devices: ['router', 'switch', 'new'],
      per: 'day',
      from_ms: day_ms,
      to_ms: day_ms + 2 * DAY_ms,
    } as const;
    const { rows } = await archive.reader.availability(question, signal);
    // Made as they are read: of many years of all devices they would fill the memory.
    expect(rows).not.toBeInstanceOf(Array);
    const half = DAY_ms / 2_000;
    expect(
      (await all(rows)).map(([device, from, , ...figures]) => [device, String(from).slice(0, 10), ...figures]),
    ).toEqual([
      ['router', '2026-11-22', 50, half, half, 0, 0],
      ['router', '2026-11-23', 100, 2 * half, 0, 0, 0],
      ['switch', '2026-11-22', null, 0, 0, 2 * half, 0],
      ['switch', '2026-11-23', null, 0, 0, 0, 2 * half],
      ['new', '2026-11-22', null, 0, 0, 2 * half, 0],
      ['new', '2026-11-23', null, 0, 0, 2 * half, 0],
    ]);
    const worst = await archive.reader.availability({ ...question, worst: 1 }, signal);
    expect((await all(worst.rows)).map(([device, , , percent]) => [device, percent])).toEqual([
      ['router', 50],
      ['router', 100],
    ]);
  });

  it('tells what happened, the newest first, and each change once whoever learned of it when', async () => {
    const archive = await begin();
    archive.store.append('verdict', [
      turn('router', MINUTE_ms, 'down'),
      turn('router', MINUTE_ms + 40, 'down', 'two'),
      turn('router', 5 * MINUTE_ms, 'up'),
      turn('switch', 3 * MINUTE_ms, 'down'),
    ]);
    const alert = { monitor: 'lookout', id: '00000000000000a1', device: 'router', kind: 'down', severity: 'critical' };
    archive.store.append('alert', [
      row(kinds.alert, { ...alert, at: day_ms + 2 * MINUTE_ms, resolves: false, text: 'Router is down' }),
      row(kinds.alert, {
        ...alert,
        monitor: 'two',
        at: day_ms + 2 * MINUTE_ms + 9,
        resolves: false,
        text: 'Router is down',
      }),
      row(kinds.alert, { ...alert, at: day_ms + 6 * MINUTE_ms, resolves: true, text: 'Router is up again' }),
    ]);
    const events = async (question: object) => {
      const { columns, rows } = await archive.reader.events({ limit: 10, ...day, ...question }, signal);
      const wanted = ['at', 'kind', 'what', 'event'].map((name) => columns.indexOf(name));
      return (await all(rows)).map((cells) =>
        wanted.map((index) => String(cells[index]).replace(/^2026-11-22T00:(\d\d).*/, '$1')).join(' '),
      );
    };
    expect(await events({ device: 'router' })).toEqual([
      '06 alert down end',
      '05 verdict up change',
      '02 alert down begin',
      '01 verdict down change',
    ]);
    expect(await events({ kind: 'verdict' })).toEqual([
      '05 verdict up change',
      '03 verdict down change',
      '01 verdict down change',
    ]);
    expect(await events({ limit: 1 })).toEqual(['06 alert down end']);
    expect(await events({ device: 'nobody' })).toEqual([]);
  });

  it('answers from the files that are whole where one is torn while it is used', async () => {
    const archive = await begin();
    archive.store.append('ping', [probe('router', 1, 3, 1)]);
    await archive.daysLater();
    archive.store.append('ping', [probe('router', DAY_ms + 1, 3, 2)]);
    await archive.daysLater();
    const question = {
      kind: 'ping',
      device: 'router',
      points: 9_000,
      from_ms: day_ms,
      to_ms: day_ms + 2 * DAY_ms,
    } as const;
    const count = async (): Promise<number> => (await all((await archive.reader.series(question, signal)).rows)).length;
    expect(await count()).toBe(2);
    truncateSync(join(archive.place.history, 'ping', '2026-11-22', 'lookout-1.parquet'), 300);
    writeFileSync(join(archive.place.history, 'ping', '2026-11-23', '..parquet'), '');
    expect(await count()).toBe(1);
    expect(archive.place.log.join('')).toContain('lookout-1.parquet');
  });

  it('leaves off when nobody waits any more, and lets the files go', async () => {
    const archive = await begin();
    archive.store.append('ping', [probe('router', 1, 3, 1)]);
    await archive.daysLater();
    const abort = new AbortController();
    const { rows } = await archive.reader.series(
      { kind: 'ping', device: 'router', points: 9_000, ...day },
      abort.signal,
    );
    abort.abort(new Error('the caller has gone'));
    await expect(all(rows)).rejects.toThrow('the caller has gone');
    const files = (await archive.store.sources('ping', day)).files;
    await archive.store.remove('ping', []);
    expect(files).toHaveLength(1);
  });
});
