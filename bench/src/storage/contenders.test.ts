import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contendersOf, type Site } from './contenders.ts';
import { DAY_ms, MINUTE_ms } from './pings.ts';
import { ScratchFolder } from './scratch-folder.ts';

const DEVICES = 10;
const DAYS = 1;

describe('the stores that are compared', { timeout: 120_000 }, () => {
  let site: Site;
  let scratch: ScratchFolder;

  beforeAll(() => {
    scratch = new ScratchFolder('bench-storage-test-');
    site = { folder: scratch.path, devices: DEVICES, days: DAYS, progress: () => undefined, stops: [] };
  });

  afterAll(async () => {
    for (const stop of site.stops) await stop();
    scratch.remove();
  });

  // To be asked includes that the answers are what was kept.
  it.concurrent('all keep the same days, and give it back', async () => {
    const asks = await Promise.all(contendersOf(site).map((each) => each.fill()));
    const found = await Promise.all(asks.map((ask) => ask()));
    for (const { filled, series, worst, seriesRaw } of found) {
      expect(filled.rows).toBe((DEVICES * DAYS * DAY_ms) / MINUTE_ms);
      expect(filled.rest_bytes / filled.rows).toBeGreaterThan(1);
      expect([series.times, worst.times]).toEqual([20, 20]);
      if (seriesRaw !== undefined) expect(seriesRaw.times).toBe(20);
    }
  });

  it.concurrent('all write something in real time', async () => {
    const kept = await Promise.all(contendersOf(site).map((each) => each.real(7)));
    for (const { rows } of kept) expect(rows).toBeGreaterThan(0);
    const [, sqlite] = kept;
    expect(sqlite!.written_bytes).toBeGreaterThan(0);
  });
});
