import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeyValueLog } from './key-value-log.ts';

let folder: string;
let state: Map<string, unknown>;
let problems: string[];
let logs: KeyValueLog[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-'));
  state = new Map();
  problems = [];
  logs = [];
});

afterEach(async () => {
  await Promise.all(logs.map((log) => log.close()));
  await rm(folder, { recursive: true });
});

function make(name = 'state'): KeyValueLog {
  const kept = { value: (key: string) => state.get(key), entries: () => state.entries() };
  const log = new KeyValueLog(join(folder, name), kept, (problem) => problems.push(problem));
  logs.push(log);
  return log;
}

function set(log: KeyValueLog, key: string, value: unknown): void {
  if (value === undefined) state.delete(key);
  else state.set(key, value);
  log.touch(key);
}

async function onDisk(): Promise<Record<string, unknown>> {
  return Object.fromEntries(await make().read());
}

test('what was set is there after a stop, and what was taken away is not', async () => {
  const log = make();
  expect(await log.read()).toEqual(new Map());
  await log.open();
  set(log, 'a', 1);
  set(log, 'b', { text: 'ü\n"' });
  set(log, 'c', 1);
  set(log, 'c', undefined);
  await log.close();
  expect(await onDisk()).toEqual({ a: 1, b: { text: 'ü\n"' } });
});

test('changes are on the disk after a second, also when nobody stops it', async () => {
  const log = make();
  await log.open();
  set(log, 'a', 1);
  set(log, 'a', 2);
  set(log, 'b', 1);
  await eventually(async () => expect(await onDisk()).toEqual({ a: 2, b: 1 }));
  set(log, 'b', undefined);
  await eventually(async () => expect(await onDisk()).toEqual({ a: 2 }));
});

test('the file does not grow without end: it is written anew, and no other is left', { timeout: 60_000 }, async () => {
  const log = make();
  await log.open();
  const path = join(folder, 'state');
  const large = 'x'.repeat(1_500_000);
  let greatest = 0;
  for (let n = 0; n < 5; n += 1) {
    set(log, 'a', `${n}${large}`);
    await eventually(async () => expect(await onDisk()).toEqual({ a: `${n}${large}` }));
    greatest = Math.max(greatest, (await stat(path)).size);
  }
  expect(greatest).toBeGreaterThan(3_000_000);
  expect((await stat(path)).size).toBeLessThan(6_500_000);
  await log.close();
  expect((await stat(path)).size).toBeLessThan(1_600_000);
  expect(await readdir(folder)).toEqual(['state']);
});

test('only its owner may read the file', async () => {
  const log = make();
  await log.open();
  expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o600);
});

test('what comes and goes between two writes leaves no trace in the file', async () => {
  const log = make();
  await log.open();
  const path = join(folder, 'state');
  const empty_bytes = (await stat(path)).size;
  for (let n = 0; n < 1_000; n += 1) {
    set(log, `queued-${n}`, 'x');
    set(log, `queued-${n}`, undefined);
  }
  set(log, 'kept', 1);
  await eventually(async () => expect(await onDisk()).toEqual({ kept: 1 }));
  expect((await stat(path)).size - empty_bytes).toBeLessThan(100);
  set(log, 'kept', undefined);
  await eventually(async () => expect(await onDisk()).toEqual({}));
});

test(
  'a disk that cannot be written is reported once, and nothing is lost once it can',
  { timeout: 60_000 },
  async () => {
    const log = make('state');
    await log.open();
    // In the way of the file that is written anew.
    await mkdir(join(folder, 'state.new'));
    const large = 'x'.repeat(5 * 2 ** 20);
    set(log, 'a', large);
    await eventually(() => expect(problems).toHaveLength(1));
    set(log, 'b', 2);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(problems).toEqual([expect.stringMatching(/^cannot write .*state, trying again: Error: EISDIR/)]);
    expect(await onDisk()).toEqual({ a: large });
    await rm(join(folder, 'state.new'), { recursive: true });
    await eventually(async () => expect(await onDisk()).toEqual({ a: large, b: 2 }));
  },
);

test('a folder that cannot be used at the end is reported', async () => {
  const log = make('state');
  await log.open();
  // In the way of the rename: a folder with something in it cannot be replaced by a file.
  await rm(join(folder, 'state'));
  await mkdir(join(folder, 'state', 'in-the-way'), { recursive: true });
  set(log, 'a', 1);
  await log.close();
  expect(problems).toEqual([expect.stringMatching(/^cannot write .*state: /)]);
});
