import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrashingDisk } from './disk/crashing-disk.testdata.ts';
import { engineOver, scratchFolder } from './engine/scratch.testdata.ts';
import { parseSealed } from './journal/names.ts';
import { EVENING_ms, numbers, pingRowNumber, Place, WallClock } from './store.testdata.ts';

const HOUR_ms = 3_600_000;
/** In that time the journal is flushed. */
const FLUSHED_ms = 31_000;

/** How it ends: killed, what it did stands; without power, what folders lose is undone, and files end where flushed. */
const endings = {
  kill: undefined,
  'loss of power': () => true,
  'loss of power, with the journal’s folder as it was last': (folder: string) => !folder.includes('/journal/'),
  'loss of power, with all but the journal’s folder as they were last': (folder: string) =>
    folder.includes('/journal/'),
};
type Ending = keyof typeof endings;

/** What of a life must be there afterwards, and what may be. */
interface Life {
  readonly sure: readonly number[];
  readonly perhaps: readonly number[];
}

/**
 * A store's life: rows, parts, queries, midnight, more rows; it ends at a moment that the disk decides, or in peace.
 *
 * @param from the number of its first row.
 */
async function live(place: Place, disk: CrashingDisk, ending: Ending, from: number): Promise<Life> {
  const store = place.store({ disk, engine: disk.engine(place.engine), partRows: 6 });
  let next = from;
  /** Rows up to here outlive how it ends. */
  let sure = from;
  const say = (count: number): void => {
    for (const n of numbers(next, next + count)) {
      if (disk.isDead) return;
      next = n + 1;
      store.append('ping', [pingRowNumber(n)]);
      if (ending === 'kill' && !disk.isDead) sure = next;
    }
  };
  const pass = async (by_ms: number): Promise<void> => {
    place.clock.set(by_ms - FLUSHED_ms);
    await place.clock.advance(FLUSHED_ms);
    await store.settled();
    if (!disk.isDead) sure = next;
  };
  try {
    await store.start(AbortSignal.timeout(10_000));
    say(4);
    await pass(FLUSHED_ms);
    say(4);
    await place.found(store);
    await pass(FLUSHED_ms);
    say(3);
    await pass(2 * HOUR_ms);
    say(3);
    await pass(FLUSHED_ms);
    await store.stop();
  } catch (error) {
    // What it says then is of no concern: nobody hears a dead process.
    if (!disk.isDead) throw error;
  }
  await store.settled();
  if (endings[ending] !== undefined) disk.losePower(endings[ending]);
  return { sure: numbers(from, sure), perhaps: numbers(sure, next) };
}

async function newPlace(engine: Place['engine'], folder: string): Promise<Place> {
  await mkdir(folder, { recursive: true });
  return new Place(folder, engine);
}

/** A new process finds each row once; and when all days are over, files of history are all that there is. */
async function expectWhole(place: Place, lives: readonly Life[]): Promise<void> {
  const sure = lives.flatMap((life) => life.sure);
  const perhaps = new Set(lives.flatMap((life) => life.perhaps));
  const store = place.store();
  await store.start(AbortSignal.timeout(10_000));
  try {
    const found = await place.found(store);
    expect(found.filter((n) => !perhaps.has(n))).toEqual(sure);
    expect(new Set(found).size).toBe(found.length);
    place.clock.set(25 * HOUR_ms);
    await place.clock.advance(FLUSHED_ms);
    await store.settled();
    await place.clock.advance(1);
    expect(await place.found(store)).toEqual(found);
  } finally {
    await store.stop();
  }
  const left = await readdir(place.folder, { recursive: true, withFileTypes: true });
  const files = left.filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('/graves'));
  expect(files.filter(({ name }) => parseSealed(name)?.monitor !== 'lookout').map(({ name }) => name)).toEqual([]);
}

describe.each(Object.keys(endings) as Ending[])('a store that ends by %s', (ending) => {
  it(
    'loses no row that it has kept, doubles none, and leaves nothing lying about, at whatever step',
    { timeout: 600_000 },
    async () => {
      const folder = scratchFolder();
      const engine = await engineOver(folder);
      const unharmed = new CrashingDisk(Infinity, join(folder, 'graves-none'));
      const calm = await newPlace(engine, join(folder, 'calm'));
      expect(await live(calm, unharmed, ending, 0)).toEqual({ sure: numbers(0, 14), perhaps: [] });
      expect(unharmed.moments).toBeGreaterThan(100);
      for (let moment = 1; moment <= unharmed.moments; moment++) {
        const place = await newPlace(engine, join(folder, `at-${moment}`));
        const disk = new CrashingDisk(moment, join(place.folder, 'graves'));
        const life = await live(place, disk, ending, 0);
        await expectWhole(place, [life]).catch((error: unknown) => {
          throw new Error(`when it ends at moment ${moment} of ${unharmed.moments}`, { cause: error });
        });
        await rm(place.folder, { recursive: true });
      }
    },
  );

  it(
    'does so also where it ends again and again, while it is putting in order what the last one left',
    { timeout: 600_000 },
    async () => {
      const folder = scratchFolder();
      const engine = await engineOver(folder);
      let places = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 260 }), { minLength: 2, maxLength: 5 }),
          async (moments) => {
            const place = await newPlace(engine, join(folder, String(++places)));
            const lives: Life[] = [];
            for (const [index, moment] of moments.entries()) {
              place.clock = new WallClock(EVENING_ms + index * 5 * HOUR_ms);
              const disk = new CrashingDisk(moment, join(place.folder, 'graves', String(index)));
              lives.push(await live(place, disk, ending, 100 * index));
            }
            await expectWhole(place, lives);
            await rm(place.folder, { recursive: true });
          },
        ),
        { numRuns: 15 },
      );
    },
  );
});
