import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, test } from 'vitest';
import { HttpStage } from '../http-stage.testdata.ts';
import { PageFiles } from './page-files.ts';

let folder: string;
let page: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  page = join(folder, 'dist');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'a secret');
  await writeFile(join(page, 'index.html'), '<!doctype html>');
  await writeFile(join(page, 'assets/app-1a2b.js'), 'let a = 1;');
  await writeFile(join(page, 'assets/app-1a2b.js.br'), brotliCompressSync('let a = 1;'));
  await writeFile(join(page, 'key.pem'), 'of no known type');
  await symlink(join(folder, 'secret.txt'), join(page, 'link.txt'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([
  ['', undefined],
  ['gzip', undefined],
  ['br', 'br'],
  ['gzip, deflate, BR;q=0.5', 'br'],
  ['br;q=0', undefined],
])('a file is packed as whoever asks can unpack it: %j', async (accept, encoding) => {
  const files = new PageFiles(page);
  await files.load();
  const file = files.find('/assets/app-1a2b.js', accept);
  expect(file).toMatchObject({ encoding, type: 'text/javascript; charset=utf-8', immutable: true });
  const body = file?.body ?? Buffer.alloc(0);
  expect((encoding === 'br' ? brotliDecompressSync(body) : body).toString()).toBe('let a = 1;');
});

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/../../secret.txt',
  '/..\\secret.txt',
  '/..%5csecret.txt',
  '//secret.txt',
  '/index.html%00.js',
  '/%',
  '/%c0%ae%c0%ae/secret.txt',
  '/link.txt',
  '/key.pem',
  '/assets/app-1a2b.js.br',
  '/assets',
  '/assets/',
  '/constructor',
  '/__proto__',
])('nothing is at %j', async (path) => {
  const files = new PageFiles(page);
  expect(await files.load()).toBe(true);
  expect(files.find(path)).toBeUndefined();
  const stage = await HttpStage.begin({ page });
  const { status, text } = await stage.ask(path);
  expect([400, 404]).toContain(status);
  expect(text).not.toContain('a secret');
});

it('is given with its type, packing and age, and asked for again by its ETag alone', async () => {
  const stage = await HttpStage.begin({ page });
  const index = await stage.ask('/?x=1');
  expect(index).toMatchObject({ status: 200, text: '<!doctype html>', headers: { 'cache-control': 'no-cache' } });
  const etag = index.headers.etag ?? '';
  expect(await stage.ask('/index.html', { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
  expect((await stage.ask('/assets/app-1a2b.js', { 'accept-encoding': 'br' })).headers).toMatchObject({
    'content-encoding': 'br',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
  });
  expect(await stage.ask('/', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
  expect(await stage.ask('/', {}, 'DELETE')).toMatchObject({ status: 405 });
});

it('that is not built is said to be so', async () => {
  const stage = await HttpStage.begin({ page: join(folder, 'none') });
  expect(await stage.ask('/')).toMatchObject({ status: 404, text: expect.stringContaining('the page is not built') });
});
