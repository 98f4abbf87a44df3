import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { IdentityFile } from './identity-file.ts';

let folder: string;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

const file = (): IdentityFile =>
  new IdentityFile(join(folder, 'identity.json'), Math.random, (problem) => warnings.push(problem));

it('makes a key once, and a greater incarnation at each start', () => {
  const first = file().begin();
  expect(first).toEqual({ host_key: expect.stringMatching(/^[0-9a-f]{32}$/) as string, incarnation: 1 });
  expect(file().begin()).toEqual({ ...first, incarnation: 2 });
});

it('goes on above an incarnation that was seen, which is on disk at once, and never below its own', async () => {
  const identity = file();
  const { host_key } = identity.begin();
  identity.raise(7);
  expect(JSON.parse(await readFile(join(folder, 'identity.json'), 'utf8'))).toEqual({ host_key, incarnation: 7 });
  identity.raise(3);
  expect(file().begin()).toEqual({ host_key, incarnation: 8 });
});

it('sets a damaged file aside, and is a new host then', async () => {
  await writeFile(join(folder, 'identity.json'), '{"host_key":');
  expect(file().begin().incarnation).toBe(1);
  expect(warnings).toEqual([expect.stringContaining('this host gets a new key')]);
  expect(await readFile(join(folder, 'identity.json.bad'), 'utf8')).toBe('{"host_key":');
});
