import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { all, Archive } from '../archive.testdata.ts';
import { DAY_ms, dayOf } from '../day.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { Place, pingRowNumber } from '../store.testdata.ts';
import { Retention, type DiskReport, type RetentionLimits } from './retention.ts';

const LOOK_ms = 31_000;
const PACE_ms = 610_000;
const LIMITS: RetentionLimits = {
  days: { measurements: 3, rollups: { '5m': 5, '1h': 60, '1d': 400 }, events: 4 },
  floor: { percent: 5, least_bytes: 0, most_bytes: Infinity },
  max_bytes: undefined,
  whose: 'lookout',
};

/** An archive with its retention, on a disk of 100 bytes, whatever stands on it. */
class Kept {
  readonly archive: Archive;
  readonly retention: Retention;
  readonly reports: DiskReport[] = [];
  readonly log: { msg: string; kind: string; period: string; why: string }[] = [];
  free_bytes = 50;

  private constructor(archive: Archive, limits: RetentionLimits) {
    const { clock, engine, health, history, own } = archive.place;
    this.archive = archive;
    this.retention = new Retention({
      ...{ limits, monitor: 'lookout', folder: own, history, store: archive.store, rollups: archive.files },
      ...{ lane: engine.store, disk: nodeDisk, clock, health },
      roomOf: () => Promise.resolve({ free_bytes: this.free_bytes, total_bytes: 100 }),
      log: pino({ level: 'warn' }, { write: (line: string) => void this.log.push(JSON.parse(line) as never) }),
      told: (report) => void this.reports.push(report),
    });
  }

  static async begin(limits: Partial<RetentionLimits> = {}): Promise<Kept> {
    const kept = new Kept(await Archive.begin(await Place.make()), { ...LIMITS, ...limits });
    onTestFinished(() => kept.retention.stop());
    return kept;
  }

  /** Days with a ping at noon each, rolled up; the first day also says what two devices are. */
  async live(days: number): Promise<void> {
    const { archive } = this;
    for (let day = 0; day < days; day++) {
      const now_ms = archive.place.clock.now_ms();
      archive.store.append('ping', [pingRowNumber(day, { at_ms: now_ms })]);
      if (day === 0) {
        archive.store.append(
          'verdict',
          ['router', 'switch'].map((device) => ['lookout', device, now_ms, 3, 'up', 1, false, `${device} is up`]),
        );
      }
      if (day === 1)
        archive.store.append('verdict', [['lookout', 'switch', now_ms, 3, 'down', 1, false, 'it is down']]);
      await archive.daysLater();
    }
  }

  async look(after_ms = LOOK_ms): Promise<void> {
    this.retention.start();
    await this.retention.idle();
    await this.archive.place.clock.advance(after_ms);
    await this.retention.idle();
  }

  async periods(name: string): Promise<string[]> {
    return (await readdir(join(this.archive.place.history, name))).sort();
  }

  day(ago: number): string {
    return dayOf(this.archive.place.clock.now_ms() - ago * DAY_ms);
  }
}

describe('retention', { timeout: 60_000 }, () => {
  it('takes away what is too old, and says what and why', async () => {
    const kept = await Kept.begin();
    await kept.live(7);
    await kept.look();
    expect(await kept.periods('ping')).toEqual([kept.day(3), kept.day(2), kept.day(1)]);
    expect((await kept.periods('ping-5m'))[0]).toBe(kept.day(5));
    expect(await kept.periods('ping-1h')).toEqual(['2026-11']);
    expect(kept.log[0]).toMatchObject({
      ...{ msg: 'took history away', kind: 'ping', period: '2026-11-22' },
      why: 'it is older than it is to be kept',
    });
    expect(kept.reports.at(-1)).toMatchObject({ standing: 'ok', gaveUp: undefined });
  });

  it('keeps the last verdict of each device for ever, once, and as it was', async () => {
    const kept = await Kept.begin();
    await kept.live(7);
    const { archive } = kept;
    const span = { from_ms: archive.place.clock.now_ms() - DAY_ms, to_ms: archive.place.clock.now_ms() };
    const asked = async (): Promise<unknown[]> => {
      const question = { ...span, devices: ['router', 'switch'], per: 'day' } as const;
      const { rows } = await archive.reader.availability(question, AbortSignal.timeout(10_000));
      return (await all(rows)).map(([device, , , percent]) => [device, percent]);
    };
    const before = await asked();
    expect(before).toEqual(
      expect.arrayContaining([
        ['router', 100],
        ['switch', 0],
      ]),
    );
    await kept.look();
    // They stay until what is kept anew outlives a loss of power.
    expect(await kept.periods('verdict')).toEqual(['2026-11-22', '2026-11-23']);
    await kept.look(PACE_ms);
    expect(await kept.periods('verdict')).toEqual([]);
    expect(await asked()).toEqual(before);
    await archive.daysLater();
    await kept.look(PACE_ms);
    const events = await archive.reader.events(
      { kind: 'verdict', from_ms: 0, to_ms: span.to_ms, limit: 10 },
      AbortSignal.timeout(10_000),
    );
    expect((await all(events.rows)).map(([at, , device, what]) => [String(at).slice(0, 10), device, what])).toEqual([
      ['2026-11-23', 'switch', 'down'],
      ['2026-11-22', 'router', 'up'],
    ]);
  });

  it('gives up the oldest day of measurements where the disk is nearly full, one at a time, and never rollups before', async () => {
    const kept = await Kept.begin();
    await kept.live(3);
    kept.free_bytes = 4;
    await kept.look();
    expect(await kept.periods('ping')).toEqual([kept.day(2), kept.day(1)]);
    expect(kept.log.at(-1)).toMatchObject({ kind: 'ping', why: 'the disk has 0 MB of 0 MB left' });
    expect(kept.reports.at(-1)).toMatchObject({ standing: 'full', gaveUp: 'room' });
    expect(kept.archive.place.health.parts.get('disk')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/oldest measurements were given up; free some space/),
    });
    await kept.look(PACE_ms);
    expect(await kept.periods('ping')).toEqual([kept.day(1)]);
    // There is room: it goes no further, and says so for a day.
    kept.free_bytes = 60;
    await kept.look(2 * PACE_ms);
    expect(await kept.periods('ping')).toEqual([kept.day(1)]);
    expect(kept.reports.at(-1)).toMatchObject({ standing: 'full', gaveUp: 'room' });
    await kept.archive.place.clock.advance(27 * 3_600_000);
    await kept.look();
    expect(kept.reports.at(-1)).toMatchObject({ standing: 'ok', gaveUp: undefined });
  });

  it('waits for nobody when the disk is about to be full', async () => {
    const kept = await Kept.begin();
    await kept.live(3);
    kept.free_bytes = 1;
    await kept.look();
    await kept.look();
    expect(await kept.periods('ping')).toEqual([]);
    expect((await kept.periods('ping-5m')).length).toBeGreaterThan(0);
  });

  it('says that a disk becomes full before anything is given up', async () => {
    const kept = await Kept.begin();
    await kept.live(2);
    kept.free_bytes = 8;
    await kept.look();
    expect(kept.reports.at(-1)).toMatchObject({ standing: 'low', gaveUp: undefined });
    expect(kept.archive.place.health.parts.get('disk')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/then the oldest measurements are given up; free some space/),
    });
    expect(await kept.periods('ping')).toHaveLength(2);
  });

  it('gives up what the folder holds above its budget at once', async () => {
    const kept = await Kept.begin({ max_bytes: 1 });
    await kept.live(3);
    await kept.look();
    expect(await kept.periods('ping')).toEqual([]);
    expect(await kept.periods('verdict')).toHaveLength(2);
    expect(kept.reports.at(-1)).toMatchObject({ standing: 'low', gaveUp: 'budget' });
  });

  it.each([
    ['leaves other hosts’ files alone', 'lookout', ['pi-2-1.parquet']],
    ['takes other hosts’ files, too, where it is told to', undefined, undefined],
  ])('%s', async (_what, whose, left) => {
    const kept = await Kept.begin({ whose });
    await kept.live(1);
    const peers = join(kept.archive.place.history, 'ping', '2026-01-01', 'pi-2-1.parquet');
    const foreign = join(kept.archive.place.history, 'ping', 'notes', 'lookout-1.parquet');
    for (const path of [peers, foreign]) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'torn');
    }
    await kept.look();
    expect(await readdir(dirname(peers)).catch(() => undefined)).toEqual(left);
    expect(await readdir(dirname(foreign))).toEqual(['lookout-1.parquet']);
  });
});
