import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildPage, pageMissing } from './page.mjs';

let workspace: string;

async function write(path: string, text: string): Promise<void> {
  const file = join(workspace, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** A workspace whose builder writes a page, or fails. */
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'setup-page-'));
  await write('node_modules/.bin/node', `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  await chmod(join(workspace, 'node_modules/.bin/node'), 0o755);
  await write('apps/web/index.html', '<!doctype html>');
  await write('apps/web/src/main.tsx', 'one');
  await builder("const { mkdirSync, writeFileSync } = require('node:fs'); mkdirSync('dist', { recursive: true });", 0);
});

afterEach(async () => rm(workspace, { recursive: true }));

async function builder(more: string, code: number): Promise<void> {
  const page = code === 0 ? "writeFileSync('dist/index.html', '')" : '';
  await write('node_modules/vite/bin/vite.js', `${more}\n${page}\nprocess.exitCode = ${code};\n`);
}

it('a page is built once, and again when its sources change, but not for its tests', async () => {
  expect(pageMissing(workspace)).toBe('the live page is not built yet');
  await buildPage(workspace, 'a test');
  expect(pageMissing(workspace)).toBeUndefined();
  await write('apps/web/src/main.test.ts', 'two');
  expect(pageMissing(workspace)).toBeUndefined();
  await write('apps/web/src/main.tsx', 'two');
  expect(pageMissing(workspace)).toBe('the sources of the live page changed');
  await buildPage(workspace, 'a test');
  expect(pageMissing(workspace)).toBeUndefined();
});

it('a page that cannot be built stops nothing, and is tried again', async () => {
  await builder('', 1);
  await buildPage(workspace, 'a test');
  expect(pageMissing(workspace)).toBe('the live page is not built yet');
});
