import { mkdirSync, readdirSync, truncateSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, Archive } from '../archive.testdata.ts';
import { DAY_ms } from '../day.ts';
import type { Row } from '../kinds/kind.ts';
import { Place } from '../store.testdata.ts';

const MINUTE_ms = 60_000;
/** Received long after midnight. */
const LATE_ms = DAY_ms + 15 * MINUTE_ms;
const day_ms = Date.UTC(2026, 10, 22);
const signal = AbortSignal.timeout(60_000);

/** A probe; `at_ms` counted from the day's begin. */
function probe(
  at_ms: number,
  rtt_ms: number | null,
  { monitor = 'lookout', device = 'router', delay_ms = 5 } = {},
): Row {
  const state = rtt_ms === null ? 'down' : 'up';
  const rtts = rtt_ms === null ? [null, null, null, null] : [rtt_ms - 0.5, rtt_ms, rtt_ms + 0.5, 0.25];
  return [monitor, device, day_ms + at_ms, delay_ms, state, 3, rtt_ms === null ? 0 : 3, ...rtts, null];
}

async function series(archive: Archive, { points = 2_000, days = 1, device = 'router' } = {}) {
  const span = { from_ms: day_ms, to_ms: day_ms + days * DAY_ms };
  const { resolution, columns, rows } = await archive.reader.series({ kind: 'ping', device, points, ...span }, signal);
  const found = (await all(rows)).map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
  return { resolution, found };
}

describe('rollups', () => {
  it('say of each bucket what its measurements do, worked out the slow way', { timeout: 60_000 }, async () => {
    const at = fc.integer({ min: 0, max: 3 * 60 }).map((minute) => minute * MINUTE_ms);
    const rtt = fc.option(fc.integer({ min: 1, max: 500 }), { nil: null });
    const stories = fc.uniqueArray(fc.tuple(at, rtt), { selector: ([minute]) => minute, minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const archive = await Archive.begin(await Place.make());
        archive.store.append(
          'ping',
          story.map(([at_ms, rtt_ms]) => probe(at_ms, rtt_ms)),
        );
        await archive.daysLater();
        const { resolution, found } = await series(archive, { points: 24 });
        expect(resolution).toBe('1h');
        const hours = Map.groupBy(story, ([at_ms]) => Math.floor(at_ms / (60 * MINUTE_ms)));
        expect(found).toHaveLength(hours.size);
        for (const bucket of found) {
          const hour = new Date(bucket['at'] as string).getUTCHours();
          const rtts = hours.get(hour)!.flatMap(([, rtt_ms]) => (rtt_ms === null ? [] : [rtt_ms]));
          expect(bucket).toMatchObject({
            measurements: hours.get(hour)!.length,
            down: hours.get(hour)!.length - rtts.length,
            sent: 3 * hours.get(hour)!.length,
            received: 3 * rtts.length,
            rtt_max_ms: rtts.length === 0 ? null : Math.max(...rtts) + 0.5,
          });
          if (rtts.length === 0) expect(bucket['rtt_avg_ms']).toBeNull();
          else expect(bucket['rtt_avg_ms']).toBeCloseTo(rtts.reduce((sum, each) => sum + each, 0) / rtts.length, 2);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('change no answer: before a day is put together it is the same', async () => {
    const archive = await Archive.begin(await Place.make());
    for (let minute = 0; minute < 23 * 60; minute += 7) {
      archive.store.append('ping', [probe(minute * MINUTE_ms, minute % 5 === 0 ? null : 1 + (minute % 90))]);
    }
    const [fine, coarse] = [await series(archive, { points: 500 }), await series(archive, { points: 24 })];
    expect([fine.resolution, coarse.resolution]).toEqual(['5m', '1h']);
    expect(fine.found.length).toBeGreaterThan(100);
    await archive.daysLater();
    expect(readdirSync(join(archive.place.history, 'ping-5m'))).toEqual(['2026-11-22']);
    expect(readdirSync(join(archive.place.history, 'ping-1h'))).toEqual(['2026-11']);
    expect(readdirSync(join(archive.place.history, 'ping-1d'))).toEqual(['2026']);
    expect(await series(archive, { points: 500 })).toEqual(fine);
    expect(await series(archive, { points: 24 })).toEqual(coarse);
  });

  it('are the same, and in order, when a day’s measurements are put together a few at a time', async () => {
    const devices = ['c', 'a', 'e', 'b', 'd'];
    const stories = [0, 1, 2, 3].flatMap((minute) =>
      devices.map((device, index) => probe(minute * MINUTE_ms, 10 * minute + index + 1, { device })),
    );
    const [whole, turns] = [
      await Archive.begin(await Place.make()),
      await Archive.begin(await Place.make(), { atOnce: 9 }),
    ];
    for (const archive of [whole, turns]) {
      archive.store.append('ping', stories);
      await archive.daysLater();
    }
    for (const device of devices) {
      const { found } = await series(turns, { points: 24, device });
      expect(found).toMatchObject([{ measurements: 4 }]);
      expect((await series(whole, { points: 24, device })).found).toEqual(found);
    }
    const file = join(turns.place.history, 'ping-5m', '2026-11-22', 'lookout-1.parquet');
    const kept = await turns.place.engine.queries.rows('SELECT device FROM read_parquet($file)', { file });
    expect(kept.map(({ device }) => device)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('take in what came long after its day, and a clock that is ahead', async () => {
    const archive = await Archive.begin(await Place.make());
    archive.store.append('ping', [probe(0, 10), probe(DAY_ms + MINUTE_ms, 50, { delay_ms: -DAY_ms })]);
    await archive.daysLater();
    archive.store.append('ping', [probe(MINUTE_ms, 20, { delay_ms: LATE_ms })]);
    await archive.daysLater();
    const { found } = await series(archive, { points: 2, days: 2 });
    expect(found.map(({ at, measurements, rtt_avg_ms }) => ({ at, measurements, rtt_avg_ms }))).toEqual([
      { at: '2026-11-22T00:00:00.000Z', measurements: 2, rtt_avg_ms: 15 },
      { at: '2026-11-23T00:00:00.000Z', measurements: 1, rtt_avg_ms: 50 },
    ]);
  });

  it('are made of each measurement once where hosts share the folder, and of what only another has', async () => {
    const place = await Place.make();
    const [mine, other] = [
      await Archive.begin(place),
      await Archive.begin(place, { monitor: 'other', folder: join(place.folder, 'other') }),
    ];
    const both = [probe(0, 10), probe(MINUTE_ms, 20)];
    mine.store.append('ping', both);
    other.store.append('ping', [...both, probe(2 * MINUTE_ms, 30)]);
    await mine.daysLater();
    await other.store.settled();
    await other.roll();
    await place.clock.advance(MINUTE_ms);
    await mine.roll();
    for (const archive of [mine, other]) {
      const { found } = await series(archive, { points: 24 });
      expect(found.map(({ measurements }) => measurements)).toEqual([3]);
    }
  });

  it('outlive their measurements: what comes late does not take the place of what is known', async () => {
    const archive = await Archive.begin(await Place.make());
    archive.store.append('ping', [probe(0, 10), probe(MINUTE_ms, 20)]);
    await archive.daysLater();
    rmSync(join(archive.place.history, 'ping'), { recursive: true });
    archive.store.append('ping', [probe(2 * MINUTE_ms, 90, { delay_ms: LATE_ms })]);
    await archive.daysLater();
    const { found } = await series(archive, { points: 24 });
    expect(found.map(({ measurements, rtt_avg_ms }) => [measurements, rtt_avg_ms])).toEqual([[2, 15]]);
  });

  it('leave out and make anew what is torn; foreign files do no harm', async () => {
    const archive = await Archive.begin(await Place.make());
    archive.store.append('ping', [probe(0, 10)]);
    await archive.daysLater();
    const folder = join(archive.place.history, 'ping-1h', '2026-11');
    truncateSync(join(folder, 'lookout-1.parquet'), 100);
    mkdirSync(join(archive.place.history, 'ping-1h', 'holiday'));
    writeFileSync(join(folder, 'other-1.parquet'), 'PAR1 no, it is not');
    await archive.place.clock.advance(MINUTE_ms);
    expect((await series(archive, { points: 24 })).found).toEqual([]);
    expect(archive.place.log.join('')).toMatch(/lookout-1\.parquet/);
    expect(archive.place.log.join('')).toMatch(/holiday.*no period/);
    archive.store.append('ping', [probe(MINUTE_ms, 20, { delay_ms: LATE_ms })]);
    await archive.daysLater();
    expect((await series(archive, { points: 24 })).found).toMatchObject([{ measurements: 2 }]);
    expect(readdirSync(folder).sort()).toEqual([expect.stringMatching(/^lookout-[2-9]/), 'other-1.parquet']);
  });
});
