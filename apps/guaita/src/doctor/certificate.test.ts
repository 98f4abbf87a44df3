import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '@guaita/lab';
import { expect, it } from 'vitest';
import { checkCertificate } from './certificate.ts';

it('the doctor tells until when the page’s certificate is valid, and what is wrong with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  const http = { host: '127.0.0.1', port: 7480, allowed_hosts: [] };
  const files = await selfSigned(folder);
  const find = (now_ms: number, more: object = files) => checkCertificate({ ...http, ...more }, now_ms)();
  const detail = (text: string): unknown => expect.stringContaining(text);
  expect(await find(Date.now(), {})).toEqual([]);
  expect(await find(Date.now())).toMatchObject([{ level: 'ok', detail: detail('is valid until 20') }]);
  expect(await find(Date.now() + 3 * 86_400_000)).toMatchObject([
    { level: 'failure', detail: detail('has expired on') },
  ]);
  expect(await find(0)).toMatchObject([{ level: 'failure', detail: detail('is not valid before') }]);
  const gone = { ...files, key_file: join(folder, 'gone') };
  expect(await find(0, gone)).toMatchObject([{ level: 'failure', detail: detail('cannot read http.key_file') }]);
  await rm(folder, { recursive: true });
});
