import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { guaita } from './captured-output.testdata.ts';

let folder: string;
let file: string;
let server: Server;
let status: number;
const bodies: string[] = [];

beforeEach(async () => {
  status = 200;
  bodies.length = 0;
  server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.writeHead(status).end('well received at /topic-4711\u001b[2J'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'notify-'));
  file = join(folder, 'guaita.yaml');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/topic-4711`;
  await writeFile(file, `monitor: pi-1\nalert: { notify: { phone: { type: webhook, url: '${url}' } } }\n`);
});
afterEach(async () => {
  vi.restoreAllMocks();
  server.close();
  await rm(folder, { recursive: true });
});

it('sends one notification, and says what came back but not where it went', async () => {
  const { code, printed } = await guaita('notify', 'test', 'phone', '--config', file);
  expect(code).toBe(0);
  expect(printed).toMatch(/^phone \(webhook\): it arrived; it answered 200\n {2}well received at \//);
  expect(printed).not.toMatch(/4711|\u001b/);
  expect(bodies.join('')).toContain('"monitor":"pi-1"');
});

it('says what is wrong when it does not arrive', async () => {
  status = 401;
  const { code, printed } = await guaita('notify', 'test', 'phone', '--config', file);
  expect([code, printed.split('\n')[0]]).toEqual([1, 'phone (webhook): it answered 401 Unauthorized']);
});

it('knows nobody by another name', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect((await guaita('notify', 'test', 'fone', '--config', file)).code).toBe(2);
  expect(write).toHaveBeenCalledWith('no receiver is called "fone"; did you mean phone?\n');
});
