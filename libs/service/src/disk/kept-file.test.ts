import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { KeptFile } from './kept-file.ts';

let folder: string;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

function kept(): KeptFile<z.ZodArray<z.ZodString>> {
  const log = { warn: (_: unknown, line: string) => void warnings.push(line) };
  return new KeptFile(join(folder, 'kept.json'), z.array(z.string()), log as never);
}

it('gives back what was kept, and nothing where nothing was', async () => {
  expect(await kept().read()).toBeUndefined();
  await kept().write(['a']);
  expect(await kept().read()).toEqual(['a']);
  expect(warnings).toEqual([]);
});

it.each(['["a"', '{"a":1}', ''])('sets %j aside, says so, and goes on as if there were nothing', async (text) => {
  await writeFile(join(folder, 'kept.json'), text);
  expect(await kept().read()).toBeUndefined();
  expect(warnings[0]).toContain('kept.json is damaged and is set aside');
  expect(await readdir(folder)).toEqual(['kept.json.bad']);
  expect(await readFile(join(folder, 'kept.json.bad'), 'utf8')).toBe(text);
});
