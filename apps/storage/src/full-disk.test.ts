import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FullDisk } from './disk/full-disk.testdata.ts';
import { engineOver, scratchFolder } from './engine/scratch.testdata.ts';
import { JournalFull } from './journal/journal.ts';
import type { Store } from './store.ts';
import { numbers, pingRowNumber, Place } from './store.testdata.ts';

const HOUR_ms = 3_600_000;
const RETRIED_ms = 2_100;
const FLUSHED_ms = 31_000;

function say(store: Store, from: number, to: number): void {
  for (const n of numbers(from, to)) store.append('ping', [pingRowNumber(n)]);
}

/** A folder and an engine of its own, on a disk that is full when `full.now` says so. */
async function placeOnFullDisk(): Promise<{ place: Place; full: { now: boolean }; store: Store }> {
  const full = { now: false };
  const place = await Place.make();
  const { disk, engine } = ((on: FullDisk) => ({ disk: on.disk, engine: on.engine(place.engine) }))(
    new FullDisk(() => full.now),
  );
  const store = await place.started({ disk, engine, partRows: 20, owed_bytes: 1_000 });
  return { place, full, store };
}

describe('a store whose disk is full', () => {
  it('holds rows in memory, says so, and writes them once there is room', async () => {
    const { place, full, store } = await placeOnFullDisk();
    say(store, 0, 3);
    full.now = true;
    say(store, 3, 8);
    await place.clock.advance(RETRIED_ms);
    expect(place.health.parts.get('journal')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/ENOSPC.*rows wait in memory.*free some space/),
    });
    // What is there can be asked for meanwhile.
    expect(await place.found(store)).toEqual([]);
    full.now = false;
    await place.clock.advance(RETRIED_ms);
    expect(place.health.parts.get('journal')).toMatchObject({ ok: true });
    expect(await place.found(store)).toEqual(numbers(0, 8));
    // All of them are in the journal: nobody tells this one to stop.
    expect(await place.found(await place.started())).toEqual(numbers(0, 8));
  });

  it('refuses rows when too many wait, keeps none of those, and takes them later', async () => {
    const { place, full, store } = await placeOnFullDisk();
    full.now = true;
    let taken = 0;
    expect(() => {
      for (;;) {
        store.append('ping', [pingRowNumber(taken)]);
        taken += 1;
      }
    }).toThrow(JournalFull);
    expect(taken).toBeGreaterThan(10);
    expect(() => store.append('alert', [[]])).toThrow(/free some space/);
    full.now = false;
    await place.clock.advance(RETRIED_ms);
    say(store, taken, taken + 5);
    expect(await place.found(store)).toEqual(numbers(0, taken + 5));
  });

  it(
    'goes on at whatever write there is no room: nothing is lost, doubled or left lying about',
    { timeout: 300_000 },
    async () => {
      const folder = scratchFolder();
      const shared = await engineOver(folder);
      const live = async (on: FullDisk, name: string): Promise<void> => {
        await mkdir(join(folder, name));
        const place = new Place(join(folder, name), shared);
        await place.store().start(AbortSignal.timeout(10_000));
        const store = await place
          .started({ disk: on.disk, engine: on.engine(shared), partRows: 6 })
          .catch(() => undefined);
        if (store === undefined) return;
        const pass = async (by_ms: number): Promise<void> => {
          place.clock.set(by_ms - FLUSHED_ms);
          await place.clock.advance(FLUSHED_ms);
          await store.settled();
        };
        say(store, 0, 4);
        await pass(FLUSHED_ms);
        say(store, 4, 8);
        await place.found(store);
        await pass(FLUSHED_ms);
        say(store, 8, 11);
        await pass(2 * HOUR_ms);
        say(store, 11, 14);
        for (let day = 0; day < 6; day++) await pass(25 * HOUR_ms);
        expect(await place.found(store)).toEqual(numbers(0, 14));
        await store.stop();
        const left = await readdir(place.folder, { recursive: true, withFileTypes: true });
        const files = left.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
        expect(files.filter((name) => !name.startsWith('lookout-'))).toEqual([]);
      };
      const room = new FullDisk(() => false);
      await live(room, 'room');
      for (let first = 1; first <= room.writes; first++) {
        for (const count of [1, 4]) {
          await live(new FullDisk((write) => write >= first && write < first + count), `${first}-${count}`).catch(
            (cause: unknown) => {
              throw new Error(`with no room for ${count} writes from ${first} of ${room.writes} on`, { cause });
            },
          );
        }
      }
    },
  );

  it('does so on a real disk of 4 MB that is full', { timeout: 120_000 }, async () => {
    const folder = scratchFolder();
    const script = new URL('full-disk-child.testdata.ts', import.meta.url).pathname;
    const mounted = `mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$1"`;
    const { stdout } = await promisify(execFile)('unshare', [
      '--mount',
      'sh',
      '-c',
      mounted,
      'sh',
      folder,
      process.execPath,
      script,
    ]);
    const said = JSON.parse(stdout) as Record<string, unknown>;
    expect(said).toEqual({
      refused: 'JournalFull',
      health: expect.stringMatching(/ENOSPC/),
      lostWhileFull: 0,
      missing: 0,
      doubled: 0,
      left: [],
      healthAfterwards: true,
    });
  });
});
