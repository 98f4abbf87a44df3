import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderError, holdFolder } from './folder-lock.ts';
import { identify, isAlive } from './process-identity.ts';

let data: string;

beforeEach(async () => {
  data = join(await mkdtemp(join(tmpdir(), 'lock-')), 'data');
});
afterEach(() => rm(join(data, '..'), { recursive: true, force: true }));

/** What is in the data folder, names of locks without what is random in them. */
async function contents(): Promise<string[]> {
  const names = await readdir(data);
  return names.map((name) => name.replace(/\.[0-9a-f]{12}\./, '.')).sort();
}

async function lockFile(): Promise<string> {
  const [file = '', ...others] = (await readdir(data)).filter((name) => name.endsWith('.lock'));
  expect(others).toEqual([]);
  return join(data, file);
}

async function lock(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(await lockFile(), 'utf8')) as Record<string, unknown>;
}

test('a folder is made for its owner alone, held, and released', async () => {
  const held = await holdFolder(data, 'ping', 'lab');
  expect(held.path).toBe(join(data, 'ping'));
  for (const folder of [data, held.path]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(await lockFile())).mode & 0o777).toBe(0o600);
  expect(await lock()).toMatchObject({ monitor: 'lab', pid: process.pid });
  await held.release();
  expect(await contents()).toEqual(['ping']);
});

test('services of one monitor stand side by side, each in its folder', async () => {
  await holdFolder(data, 'ping', 'lab');
  await expect(holdFolder(data, 'snmp', 'lab')).resolves.toMatchObject({ path: join(data, 'snmp') });
});

test('a folder that is held cannot be had again', async () => {
  await holdFolder(data, 'ping', 'lab');
  await expect(holdFolder(data, 'ping', 'lab')).rejects.toThrow(
    `the data folder ${data} is in use by monitor lab, process ${process.pid}; stop that one (kill ${process.pid}) or choose another folder with --data`,
  );
  expect(await contents()).toEqual(['ping', 'ping.lock']);
});

test('another monitor cannot have any part of a data folder in use, and leaves nothing behind', async () => {
  await holdFolder(data, 'ping', 'lab');
  await expect(holdFolder(data, 'snmp', 'other')).rejects.toThrow(FolderError);
  expect(await contents()).toEqual(['ping', 'ping.lock', 'snmp']);
});

test.each([
  ['of a process that is gone', async () => ({ ...identify(process.pid), pid: await deadPid() })],
  ['whose pid belongs to a younger process now', async () => ({ ...identify(process.pid), started: '1' })],
  ['of an earlier boot', async () => ({ ...identify(process.pid), where: 'another boot' })],
])('a lock %s is taken over', async (_name, holder) => {
  await mkdir(data);
  await writeFile(
    join(data, 'ping.0123456789ab.lock'),
    JSON.stringify({ service: 'ping', monitor: 'other', ...(await holder()) }),
  );
  await holdFolder(data, 'ping', 'lab');
  expect(await lock()).toMatchObject({ monitor: 'lab', pid: process.pid, started: identify(process.pid)?.started });
});

test('a broken lock is taken over', async () => {
  await mkdir(data);
  await writeFile(join(data, 'ping.0123456789ab.lock'), '{"pid":');
  await holdFolder(data, 'ping', 'lab');
  expect(await lock()).toMatchObject({ monitor: 'lab' });
});

test('of many that come at once, never more than one gets the folder', { timeout: 30_000 }, async () => {
  for (let round = 0; round < 10; round++) {
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => holdFolder(data, 'ping', 'lab')));
    const held = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(held.length).toBeLessThanOrEqual(1);
    expect(await contents()).toEqual(held.length === 1 ? ['ping', 'ping.lock'] : ['ping']);
    for (const { value } of held) await value.release();
  }
});

test('a live process is known by pid and start, a dead one by neither', async () => {
  const self = identify(process.pid);
  expect(self).toMatchObject({ pid: process.pid, started: expect.stringMatching(/^\d+$/) as string });
  expect(self !== undefined && isAlive(self)).toBe(true);
  expect(identify(await deadPid())).toBeUndefined();
});

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? -1;
}
