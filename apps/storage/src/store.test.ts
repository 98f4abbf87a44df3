import { mkdir, open, readdir, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '@guaita/lab/eventually';
import { describe, expect, it } from 'vitest';
import type { Disk } from './disk/disk.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { EVENING_ms, numbers, pingRowNumber, Place } from './store.testdata.ts';

const HOUR_ms = 3_600_000;

/** Every file below a folder, by its path from there. */
async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('a store', () => {
  it('gives back each row once, from the moment on when it was appended', async () => {
    const place = await Place.make();
    const store = await place.started();
    store.append('ping', [pingRowNumber(1)]);
    expect(await place.found(store)).toEqual([1]);
    store.append('ping', [pingRowNumber(2), pingRowNumber(3)]);
    store.append('ping', []);
    expect(await place.found(store)).toEqual([1, 2, 3]);
    expect(await place.found(store, 'ping')).toEqual([1, 2, 3]);
  });

  it('gives back all rows also while some are on their way into a table, a part or a sealed file', async () => {
    const place = await Place.make();
    const store = await place.started({ partRows: 8 });
    for (let rows = 1; rows <= 60; rows += 1) {
      store.append('ping', [pingRowNumber(rows - 1)]);
      for (let turn = rows % 5; turn > 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
      expect(await place.found(store)).toEqual(numbers(0, rows));
    }
  });

  it('keeps what was gathered in one write, before anybody asks for it, and when it is stopped', async () => {
    const place = await Place.make();
    let writes = 0;
    const create: Disk['create'] = (path) => {
      const file = nodeDisk.create(path);
      const write = (bytes: Uint8Array): void => {
        writes += 1;
        file.write(bytes);
      };
      return { write, sync: () => file.sync(), close: () => file.close() };
    };
    const store = await place.started({ disk: { ...nodeDisk, create } });
    for (const n of [1, 2, 3]) store.gather('ping', [pingRowNumber(n)]);
    expect(writes).toBe(0);
    store.flush();
    store.flush();
    expect(writes).toBe(1);
    store.gather('ping', [pingRowNumber(4)]);
    expect(await place.found(store)).toEqual([1, 2, 3, 4]);
    store.gather('ping', [pingRowNumber(5)]);
    await store.stop();
    expect(await place.found(await place.started())).toEqual([1, 2, 3, 4, 5]);
  });

  it('has all rows again after it was stopped, and after it was not', async () => {
    const place = await Place.make();
    const first = await place.started();
    first.append(
      'ping',
      numbers(0, 10).map((n) => pingRowNumber(n)),
    );
    await first.stop();
    const second = await place.started();
    second.append('ping', [pingRowNumber(10)]);
    // Nobody tells it: it is as if killed.
    const third = await place.started();
    third.append('ping', [pingRowNumber(11)]);
    expect(await place.found(third)).toEqual(numbers(0, 12));
  });

  it('makes parts of many rows, and one sorted file of a day once that is over', async () => {
    const place = await Place.make();
    const store = await place.started({ partRows: 10 });
    for (const n of numbers(0, 35)) store.append('ping', [pingRowNumber(n)]);
    await store.settled();
    expect(await place.found(store)).toEqual(numbers(0, 35));
    expect((await filesIn(place.own)).map((path) => path.split('/').slice(0, 2).join('/'))).toEqual([
      'journal/ping',
      'parts/ping',
      'parts/ping',
      'parts/ping',
    ]);
    await place.clock.advance(2 * HOUR_ms);
    await store.settled();
    expect(await filesIn(place.own)).toEqual([]);
    expect(await filesIn(place.history)).toEqual(['ping/2026-11-22/lookout-1.parquet']);
    expect(await place.found(store)).toEqual(numbers(0, 35));
    const file = join(place.history, 'ping/2026-11-22/lookout-1.parquet');
    const rows = await place.engine.queries.rows<{ device: string; monitor: string; at: Date }>(
      'SELECT device, monitor, "at" FROM read_parquet($file)',
      { file },
    );
    const keys = rows.map(({ device, monitor, at }) => `${device} ${monitor} ${at.toISOString()}`);
    expect(keys).toEqual([...keys].sort());
  });

  it('seals what a part has now where the disk has changed it, and says so', async () => {
    const place = await Place.make();
    const store = await place.started({ partRows: 10 });
    store.append(
      'ping',
      numbers(0, 30).map((n) => pingRowNumber(n)),
    );
    store.append('ping', [pingRowNumber(30)]);
    await store.settled();
    const name = (await filesIn(place.own)).find((each) => each.startsWith('parts/'))!;
    const part = join(place.own, name);
    await place.engine.store.run(
      `COPY (SELECT * REPLACE (sent + 100 AS sent) FROM read_parquet('${part}')) TO '${part}' (FORMAT parquet)`,
    );
    const changed = (await place.found(store)).filter((sent) => sent >= 100);
    expect(changed.length).toBeGreaterThan(0);
    await place.clock.advance(2 * HOUR_ms);
    await store.settled();
    expect((await store.sources('ping', { from_ms: 0, to_ms: Infinity })).files).toHaveLength(1);
    expect(await place.found(store)).toHaveLength(31);
    expect((await place.found(store)).filter((sent) => sent >= 100)).toEqual(changed);
    expect(place.log.join('')).toContain('rows of history have changed');
  });

  it('seals by the day of receipt: late rows and wrong clocks of monitors lose nothing', async () => {
    const place = await Place.make();
    const store = await place.started();
    const wrong = [-365 * 24 * HOUR_ms, -HOUR_ms, HOUR_ms, 365 * 24 * HOUR_ms];
    store.append(
      'ping',
      wrong.map((off_ms, n) => pingRowNumber(n, { at_ms: EVENING_ms + off_ms })),
    );
    await place.clock.advance(2 * HOUR_ms);
    store.append('ping', [pingRowNumber(4, { at_ms: EVENING_ms })]);
    await store.settled();
    expect(await filesIn(place.history)).toEqual(['ping/2026-11-22/lookout-1.parquet']);
    expect(await place.found(store)).toEqual([0, 1, 2, 3, 4]);
    const near = await store.sources('ping', { from_ms: EVENING_ms + 2 * HOUR_ms, to_ms: EVENING_ms + 3 * HOUR_ms });
    near.release();
    expect(near.files).toHaveLength(1);
  });

  it('goes on where its own clock jumps back over midnight and forth again', async () => {
    const place = await Place.make();
    const store = await place.started({ partRows: 3 });
    let set_ms = 0;
    for (const [n, to_ms] of [0, 2, -1, 0.5, 26, -30, 1].entries()) {
      const offset_ms = to_ms * HOUR_ms;
      place.clock.set(offset_ms - set_ms);
      set_ms = offset_ms;
      store.append(
        'ping',
        numbers(5 * n, 5 * n + 5).map((each) => pingRowNumber(each)),
      );
      await place.clock.advance(31_000);
      await store.settled();
      expect(await place.found(store)).toEqual(numbers(0, 5 * n + 5));
    }
    await store.stop();
    const again = await place.started();
    await again.settled();
    expect(await place.found(again)).toEqual(numbers(0, 35));
  });

  it('leaves what a query reads in place until that has ended', async () => {
    const place = await Place.make();
    const store = await place.started({ partRows: 10 });
    for (const n of numbers(0, 15)) store.append('ping', [pingRowNumber(n)]);
    await store.settled();
    const sources = await store.sources('ping', { from_ms: 0, to_ms: Infinity });
    await place.clock.advance(2 * HOUR_ms);
    await store.settled();
    const { engine } = place;
    const files = `SELECT count(*) AS n FROM read_parquet('${sources.files[0]}')`;
    expect(sources.files).toHaveLength(1);
    expect(sources.tables).toHaveLength(1);
    expect(await engine.queries.rows(files)).toEqual([{ n: 10 }]);
    expect(await engine.queries.rows(`SELECT count(*) AS n FROM ${sources.tables[0]}`)).toEqual([{ n: 5 }]);
    sources.release();
    // Nothing waits for that: it is taken away as soon as the disk does it.
    await eventually(() => expect(engine.queries.rows(files)).rejects.toThrow(/No files found|No such file/));
    expect(await place.found(store)).toEqual(numbers(0, 15));
  });

  it('reads other hosts’ files with its own, and names no file as they do', async () => {
    const place = await Place.make();
    const monitors = ['lookout', 'lookout-1', 'roof'];
    const stores = await Promise.all(
      monitors.map((monitor) => place.started({ monitor, folder: join(place.folder, 'storage-of', monitor) })),
    );
    // Each misses some: it was down for a while.
    for (const [index, store] of stores.entries()) {
      store.append(
        'ping',
        numbers(0, 30)
          .filter((n) => Math.floor(n / 10) !== index)
          .map((n) => pingRowNumber(n)),
      );
    }
    await place.clock.advance(2 * HOUR_ms);
    for (const store of stores) await store.settled();
    expect(await filesIn(place.history)).toEqual([
      'ping/2026-11-22/lookout-1-1.parquet',
      'ping/2026-11-22/lookout-1.parquet',
      'ping/2026-11-22/roof-1.parquet',
    ]);
    await place.clock.advance(11_000);
    for (const store of stores) {
      expect(await place.found(store, 'ping', { merged: true })).toEqual(numbers(0, 30));
    }
  });

  it('names what is torn, foreign or hostile in the history folder once, and leaves it out', async () => {
    const place = await Place.make();
    const day = join(place.history, 'ping', '2026-11-20');
    const store = await place.started();
    await mkdir(join(day, 'folder-1.parquet'), { recursive: true });
    await mkdir(join(place.history, 'ping', 'notes'), { recursive: true });
    await writeFile(join(place.history, 'ping', '2026-11-19'), 'a file where a folder should be');
    await writeFile(join(day, 'torn-1.parquet'), 'PAR1 and then nothing of use');
    await writeFile(join(day, 'empty-1.parquet'), '');
    await writeFile(join(day, '*-1.parquet'), '');
    await writeFile(join(day, "x' OR 1=1 --.parquet"), '');
    await writeFile(join(day, '.hidden'), '');
    await symlink('/etc/passwd', join(day, 'link-1.parquet'));
    execFileSync('mkfifo', [join(day, 'pipe-1.parquet')]);
    await place.engine.store.run(`COPY (SELECT 1 AS x) TO '${join(day, 'foreign-1.parquet')}' (FORMAT parquet)`);
    await place.engine.store.run(
      `COPY (SELECT 'm' AS monitor, 'd' AS device, 7 AS "at") TO '${join(day, 'other-1.parquet')}' (FORMAT parquet)`,
    );
    await place.engine.store.run(
      `COPY (SELECT 'm' AS monitor, 'd' AS device, TIMESTAMP '2026-11-20 10:00:00' AS "at", 99 AS sent) TO '${join(day, 'older-1.parquet')}' (FORMAT parquet)`,
    );
    store.append('ping', [pingRowNumber(1)]);
    expect(await place.found(store)).toEqual([1, 99]);
    const named = place.log.map((line) => (JSON.parse(line) as { file: string }).file.slice(place.history.length + 6));
    expect(named.sort()).toEqual(
      [
        '2026-11-20/*-1.parquet',
        '2026-11-20/empty-1.parquet',
        '2026-11-20/folder-1.parquet',
        '2026-11-20/foreign-1.parquet',
        '2026-11-20/link-1.parquet',
        '2026-11-20/other-1.parquet',
        '2026-11-20/pipe-1.parquet',
        '2026-11-20/torn-1.parquet',
        "2026-11-20/x' OR 1=1 --.parquet",
        'notes',
      ].sort(),
    );
    expect(place.health.parts.get('history files')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('empty-1'),
    });
    await place.clock.advance(20_000);
    expect(await place.found(store)).toEqual([1, 99]);
    expect(place.log).toHaveLength(10);
  });

  it('takes a file that was torn once it is whole', async () => {
    const place = await Place.make();
    const store = await place.started();
    const day = join(place.history, 'ping', '2026-11-20');
    const file = join(day, 'peer-1.parquet');
    await mkdir(day, { recursive: true });
    await writeFile(file, 'PAR1 half');
    expect(await place.found(store)).toEqual([]);
    await place.engine.store.run(
      `COPY (SELECT 'm' AS monitor, 'd' AS device, TIMESTAMP '2026-11-20 10:00:00' AS "at", 5 AS sent) TO '${file}' (FORMAT parquet)`,
    );
    await place.clock.advance(11_000);
    expect(await place.found(store)).toEqual([5]);
    expect(place.health.parts.get('history files')).toEqual({ ok: true, detail: '' });
  });

  it('leaves a file out whose ends are whole and whose middle is not, once a query has failed on it', async () => {
    const place = await Place.make();
    const store = await place.started();
    store.append(
      'ping',
      numbers(0, 5000).map((n) => pingRowNumber(n)),
    );
    await place.clock.advance(2 * HOUR_ms);
    await store.settled();
    store.append('ping', [pingRowNumber(9999)]);
    const file = join(place.history, 'ping/2026-11-22/lookout-1.parquet');
    expect((await place.found(store)).length).toBe(5001);
    const handle = await open(file, 'r+');
    // Where its rows are; what tells where they are stands at the end.
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(size / 2, 0xab), 0, size / 2, 200);
    await handle.close();
    await expect(place.found(store)).rejects.toThrow();
    expect(await store.examine('ping', [file])).toEqual([file]);
    expect(await place.found(store)).toEqual([9999]);
    expect(place.health.parts.get('history files')?.detail).toContain('lookout-1.parquet');
  });

  it('gives files up for good, with the folder of the day', async () => {
    const place = await Place.make();
    const store = await place.started();
    store.append('ping', [pingRowNumber(1)]);
    await place.clock.advance(2 * HOUR_ms);
    await store.settled();
    const { files, release } = await store.sources('ping', { from_ms: 0, to_ms: Infinity });
    release();
    await store.remove('ping', files);
    expect(await readdir(join(place.history, 'ping'))).toEqual([]);
    expect(await place.found(store)).toEqual([]);
  });

  it('tells of each day that is sealed, and of which times its rows are', async () => {
    const place = await Place.make();
    const sealed: unknown[] = [];
    const store = await place.started({ onSealed: (each) => void sealed.push(each) });
    store.append('ping', [pingRowNumber(1), pingRowNumber(5)]);
    await place.clock.advance(2 * HOUR_ms);
    await store.settled();
    expect(sealed).toEqual([
      {
        kind: 'ping',
        day: '2026-11-22',
        file: join(place.history, 'ping/2026-11-22/lookout-1.parquet'),
        from_ms: EVENING_ms + 1,
        to_ms: EVENING_ms + 5,
      },
    ]);
  });
});
