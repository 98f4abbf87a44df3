import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderBytes } from './folder-bytes.ts';

test('a folder holds what its files and those below hold; links do not count, and one that is not there holds nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bytes-'));
  await mkdir(join(folder, 'a/b'), { recursive: true });
  await writeFile(join(folder, 'one'), 'x'.repeat(10));
  await writeFile(join(folder, 'a/b/two'), 'x'.repeat(32));
  await symlink(folder, join(folder, 'a/again'));
  expect(await folderBytes(folder)).toBe(42);
  await rm(folder, { recursive: true });
  expect(await folderBytes(folder)).toBe(0);
});
