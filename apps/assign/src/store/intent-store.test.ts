import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bucketOf } from '@guaita/cluster';
import { bucketLevel, IntentBucket, unpackIntents } from '@guaita/messages';
import type { Intent } from '@guaita/model';
import { ManualClock } from '@guaita/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IntentStore, UnreadableStoreError } from './intent-store.ts';

let folder: string;
let clock: ManualClock;
let warnings: string[];
let troubles: (string | undefined)[];
const stores: IntentStore[] = [];

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'intents-')), 'intents');
  clock = new ManualClock();
  warnings = [];
  troubles = [];
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await rm(join(folder, '..'), { recursive: true });
});

async function open() {
  const store = new IntentStore({
    ...{ folder, clock },
    onState: (trouble) => troubles.push(trouble),
    warn: (problem) => warnings.push(problem),
  });
  const { intents, ...kept } = await store.open();
  stores.push(store);
  return { store, ...kept, intents: [...intents] };
}

const drain = (subject: string, wanted = true): Intent => ({
  ...{ kind: 'drain', subject, wanted },
  stamp: { at_ms: 1, counter: 0, writer: 'm1' },
});
const B = bucketOf('m2');
const kept = async (bucket: number): Promise<Intent[]> => [
  ...unpackIntents(IntentBucket.parse(JSON.parse(await readFile(fileOf(bucket), 'utf8')))),
];
const fileOf = (bucket: number): string => join(folder, `${bucketLevel(bucket)}.json`);

describe('what operators intend, on disk', () => {
  it('is there again after a restart', async () => {
    const { store, intents } = await open();
    expect(intents).toEqual([]);
    store.keep(B, [drain('m2')]);
    await store.close();
    expect((await open()).intents).toEqual([drain('m2')]);
  });

  it('is written once for all changes of a second, and no bucket that did not change', async () => {
    const { store } = await open();
    for (const wanted of [true, false, true]) store.keep(B, [drain('m2', wanted)]);
    expect(await readdir(folder)).toEqual(['alive.json']);
    await clock.advance(1_000);
    await store.flush();
    expect((await readdir(folder)).sort()).toEqual([`${bucketLevel(B)}.json`, 'alive.json'].sort());
    expect(await kept(B)).toEqual([drain('m2')]);
    store.keep(B, []);
    await store.flush();
    expect(await readdir(folder)).toEqual(['alive.json']);
  });

  it('tells until when this monitor was there, also where it ended without a goodbye', async () => {
    const { written_ms, alone } = await open();
    expect([written_ms, alone]).toEqual([undefined, true]);
    const started_ms = clock.now_ms();
    await clock.advance(5 * 3_600_000);
    expect((await open()).written_ms).toBe(started_ms);
    await clock.advance(3_600_000 - 1);
    expect((await open()).written_ms).toBe(started_ms + 5 * 3_600_000);
  });

  it('does not take a host that starts with its clock far back for one that was away', async () => {
    const { store } = await open();
    await store.close();
    const there_ms = clock.now_ms();
    clock = new ManualClock(0);
    await open();
    expect((await open()).written_ms).toBe(there_ms);
  });

  it('remembers that another monitor was ever heard of', async () => {
    const { store } = await open();
    store.heardOfOthers();
    await clock.advance(1_000);
    await store.flush();
    expect((await open()).alone).toBe(false);
  });

  it('sets a damaged file aside and goes on with the others', async () => {
    const { store } = await open();
    store.keep(B, [drain('m2')]);
    await store.close();
    await writeFile(fileOf((B + 1) % 256), '{"intents":[{"kind":"dra');
    expect((await open()).intents).toEqual([drain('m2')]);
    expect(warnings).toEqual([expect.stringContaining('was damaged')]);
    expect(await readdir(folder)).toContain(`${bucketLevel((B + 1) % 256)}.json.bad`);
  });

  it('leaves a file that cannot be read as it is, says so, and goes on with the others', async () => {
    const { store } = await open();
    store.keep(B, [drain('m2')]);
    await store.close();
    const unreadable = (B + 1) % 256;
    // A folder in its place is refused to everybody, root too.
    await mkdir(fileOf(unreadable));
    const again = await open();
    expect(again.intents).toEqual([drain('m2')]);
    expect(warnings).toEqual([expect.stringContaining(`${bucketLevel(unreadable)}.json cannot be read (EISDIR`)]);
    expect(troubles.at(-1)).toBe(warnings[0]);
    again.store.keep(unreadable, [drain('m3')]);
    again.store.keep(B, []);
    await again.store.flush();
    expect((await readdir(folder)).sort()).toEqual([`${bucketLevel(unreadable)}.json`, 'alive.json'].sort());
    expect((await stat(fileOf(unreadable))).isDirectory()).toBe(true);
    expect(troubles.at(-1)).toBe(warnings[0]);
  });

  it('is not taken for empty where its folder cannot be read, and is left as it is', async () => {
    const { store } = await open();
    store.keep(B, [drain('m2')]);
    await store.close();
    // A loop of links is refused to everybody, root too.
    await rename(folder, `${folder}.away`);
    await symlink(folder, folder);
    const failed = await open().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UnreadableStoreError);
    expect(failed).toMatchObject({
      cause: { code: 'ELOOP' },
      message: expect.stringContaining(`is in ${folder}, which`),
    });
    expect((failed as Error).message).toContain('mend the disk or its permissions');
    await unlink(folder);
    await rename(`${folder}.away`, folder);
    expect((await open()).intents).toEqual([drain('m2')]);
  });

  it('reports a disk that takes nothing, and writes all when it does again', async () => {
    const { store } = await open();
    await rm(folder, { recursive: true });
    await writeFile(folder, 'in the way');
    store.keep(B, [drain('m2')]);
    await store.flush();
    expect(troubles.at(-1)).toContain('cannot be written');
    await rm(folder);
    await clock.advance(30_000);
    await store.flush();
    expect(troubles.at(-1)).toBeUndefined();
    expect(await kept(B)).toEqual([drain('m2')]);
  });
});
