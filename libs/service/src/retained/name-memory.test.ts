import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NameMemory } from './name-memory.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'names-'));
  file = join(folder, 'names');
});
afterEach(() => rm(folder, { recursive: true }));

const text = (): Promise<string> => readFile(file, 'utf8');

it('knows nothing where nothing was ever written, and after that what came and did not go', async () => {
  const memory = new NameMemory(file);
  expect(await memory.read()).toBeUndefined();
  await memory.came(['a', 'b', 'c']);
  await memory.went(['b']);
  expect([...((await new NameMemory(file).read()) ?? [])]).toEqual(['a', 'c']);
});

it('writes one line for a name that comes or goes, and none for what it knows', async () => {
  const memory = new NameMemory(file);
  await memory.came(Array.from({ length: 5000 }, (_, n) => `t${n}`));
  const before = (await text()).length;
  await memory.came(['t1', 'new']);
  await memory.went(['t2', 'never']);
  expect((await text()).slice(before)).toBe('+new\n-t2\n');
});

it('passes over a line that a crash cut off', async () => {
  await new NameMemory(file).came(['a']);
  await appendFile(file, '+b');
  expect([...((await new NameMemory(file).read()) ?? [])]).toEqual(['a']);
});

it('stays of a size with what it knows', async () => {
  const memory = new NameMemory(file);
  for (let n = 0; n < 2000; n += 1) {
    await memory.came([`t${n}`]);
    await memory.went([`t${n}`]);
  }
  expect((await text()).split('\n').length).toBeLessThan(1100);
});
