import { request as requestPlain, type IncomingHttpHeaders } from 'node:http';
import { request as requestTls } from 'node:https';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { selfSigned, type SelfSigned } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import { HealthBoard } from '../health-board.ts';
import { createMetrics } from '../metrics.ts';
import { CertificateError } from './certificate.ts';
import { HttpEndpoint } from './endpoint.ts';

const LOOK_ms = 60_000;

let folder: string;
let files: SelfSigned;
let clock: ManualClock;
let health: HealthBoard;
let lines: string[];
let endpoint: HttpEndpoint;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  files = await selfSigned(folder);
  clock = new ManualClock(Date.now());
  health = new HealthBoard();
  lines = [];
  endpoint = await started();
});
afterEach(async () => {
  await endpoint.stop();
  await rm(folder, { recursive: true });
});

function made(): HttpEndpoint {
  const log = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
  const config = { host: '127.0.0.1', port: 0, allowed_hosts: ['pi-1.lan'], ...files };
  return new HttpEndpoint({ config, metrics: createMetrics(), health, clock, log });
}

async function started(): Promise<HttpEndpoint> {
  const each = made();
  await each.start();
  return each;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(path: string, by: 'http' | 'https' = 'https', headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<Answer>((resolve, reject) => {
    const request = by === 'http' ? requestPlain : requestTls;
    const options = { host: '127.0.0.1', port: endpoint.port, path, headers, method, rejectUnauthorized: false };
    const asked = request({ ...options, agent: false }, (response) => {
      let body = '';
      response.on('data', (text: Buffer) => (body += text.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** The certificate that somebody is shown who connects now. */
async function shown(): Promise<string> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const each = connectTls({ host: '127.0.0.1', port: endpoint.port, rejectUnauthorized: false }, () => resolve(each));
    each.on('error', reject);
  });
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return new X509Certificate(raw).fingerprint256;
}

async function inFile(): Promise<string> {
  return new X509Certificate(await readFile(files.cert_file)).fingerprint256;
}

/** What health tells of the certificate. */
const told = (): string | undefined => health.report().parts['http/certificate']?.detail;

/** Lets looks at the files pass until one has found this; the one before may still be under way when time passes. */
async function looked(check: () => Promise<void>): Promise<void> {
  await eventually(async () => {
    await clock.advance(LOOK_ms);
    await check();
  });
}

describe('a port with a certificate', () => {
  it('speaks TLS to who trusts the certificate', async () => {
    const socket = connectTls({ host: '127.0.0.1', port: endpoint.port, ca: await readFile(files.cert_file) });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.authorized).toBe(true);
    socket.destroy();
    expect(await ask('/metrics')).toMatchObject({ status: 200 });
    endpoint.serve({ request: (_request, response) => void response.end('a page'), upgrade: () => undefined });
    expect(await ask('/')).toMatchObject({ status: 200, body: 'a page' });
    expect(await ask('/', 'https', { host: 'evil.example' })).toMatchObject({ status: 403 });
  });

  it('sends who asks without TLS to where it is, and gives a program nothing but the reason', async () => {
    endpoint.serve({ request: (_request, response) => void response.end('a secret'), upgrade: () => undefined });
    const page = await ask('/devices?x=1', 'http', { host: 'pi-1.lan:7480' });
    expect([page.status, page.headers.location]).toEqual([307, 'https://pi-1.lan:7480/devices?x=1']);
    expect(await ask('/', 'http', { host: 'evil.example' })).toMatchObject({ status: 403 });
    for (const [path, method] of [
      ['/api/devices', 'GET'],
      ['/api/login', 'POST'],
      ['http://127.0.0.1/', 'GET'],
    ] as const) {
      const { status, headers, body } = await ask(path, 'http', {}, method);
      expect([status, headers.location, body]).toEqual([403, undefined, 'this port speaks TLS: ask by https:\n']);
    }
    const upgrade = await ask('/mqtt', 'http', { connection: 'upgrade', upgrade: 'websocket' });
    expect(upgrade.status).toBe(403);
    expect((await ask('/metrics')).body).toContain('guaita_http_refused_total{reason="plain"} 5');
  });

  it('tells this host without TLS how it is, so that what looks after a process needs no certificate', async () => {
    health.expect('ping');
    expect(await ask('/healthz', 'http')).toMatchObject({ status: 503, body: expect.stringContaining('ping/start') });
    expect(await ask('/metrics', 'http')).toMatchObject({ status: 200 });
  });

  it('ends what is neither, or says nothing, and stops while somebody is silent', async () => {
    const noise = connect(endpoint.port ?? 0, '127.0.0.1');
    noise.write(Buffer.from([22, 9, 9, 9, 9, 9, 9, 9, 9, 9]));
    await new Promise((resolve) =>
      noise
        .once('close', resolve)
        .resume()
        .on('error', () => undefined),
    );
    const half = connect({ port: endpoint.port ?? 0, host: '127.0.0.1', allowHalfOpen: true });
    half.end();
    await new Promise((resolve) => half.once('close', resolve).resume());
    await eventually(async () => expect((await ask('/metrics')).body).toContain('refused_total{reason="tls"} 1'));
    const silent = connect(endpoint.port ?? 0, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    await ask('/metrics');
    const gone = new Promise((resolve) => silent.once('close', resolve).resume());
    await endpoint.stop();
    await gone;
  });

  it('shows a renewed certificate without a start, and those who are connected stay', async () => {
    const before = await shown();
    const socket = connectTls({ host: '127.0.0.1', port: endpoint.port, rejectUnauthorized: false });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    await selfSigned(folder);
    expect(await shown()).toBe(before);
    await looked(async () => expect(await shown()).toBe(await inFile()));
    expect(await inFile()).not.toBe(before);
    expect(lines.at(-1)).toMatch(/is a new certificate, shown from now on; it is valid until 20\d\d-/);
    socket.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const [answer] = await new Promise<Buffer[]>((resolve) => socket.once('data', (data) => resolve([data])));
    expect(answer?.toString()).toMatch(/^HTTP\/1\.1 200/);
    socket.destroy();
  });

  it('shows the one from before while there is half of another, or none, and says so', async () => {
    const before = await shown();
    const next = await selfSigned(folder, 'next');
    await rename(next.cert_file, files.cert_file);
    await looked(async () =>
      expect(told()).toMatch(/^the key in .* is not that of .*; until then the certificate from before/),
    );
    await clock.advance(LOOK_ms);
    expect(lines.filter((line) => line.includes('is not that of'))).toHaveLength(1);
    await writeFile(files.cert_file, '');
    await looked(async () => expect(told()).toMatch(/holds no certificate/));
    expect(await shown()).toBe(before);
    expect(health.report().parts['http/certificate']?.ok).toBe(true);
    await selfSigned(folder);
    await looked(async () => expect(told()).toBe(''));
    expect(await shown()).toBe(await inFile());
  });

  it('says when it has expired, and goes on', async () => {
    expect(told()).toBe('');
    await clock.advance(2 * 86_400_000 + LOOK_ms);
    await eventually(() => expect(told()).toMatch(/has expired on 20\d\d-\d\d-\d\d: browsers refuse it; renew it$/));
    expect(lines.filter((line) => line.includes('has expired'))).toHaveLength(1);
    expect(await ask('/metrics')).toMatchObject({ status: 200 });
  });

  it('does not begin without one', async () => {
    await rm(files.key_file);
    const other = made();
    await expect(other.start()).rejects.toThrow(CertificateError);
    await other.stop();
  });
});
