import { request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { pino } from 'pino';
import { Gauge } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { HealthBoard } from '../health-board.ts';
import { Health } from '../health.ts';
import { createMetrics } from '../metrics.ts';
import { isAllowedHost } from './allowed-host.ts';
import { EndpointError, HttpEndpoint } from './endpoint.ts';

const config = { host: '127.0.0.1', port: 0, allowed_hosts: ['guaita-ping'] };

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('the endpoint', () => {
  const metrics = createMetrics();
  const board = new HealthBoard();
  const health = new Health();
  const options = { config, metrics, health: board, clock: new ManualClock(), log: pino({ level: 'silent' }) };
  let endpoint: HttpEndpoint;

  beforeEach(async () => {
    endpoint = new HttpEndpoint(options);
    await endpoint.start();
  });
  afterEach(() => endpoint.stop());

  function ask(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: endpoint.port, path, method, headers }, (response) => {
        let body = '';
        response.on('data', (text: Buffer) => (body += text.toString()));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  test('is unhealthy while nothing runs, then as its services are', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 503, body: '{"ok":false,"parts":{}}\n' });
    board.add('ping', health);
    health.report('fping', true);
    expect(await ask('/healthz')).toMatchObject({
      status: 200,
      body: '{"ok":true,"parts":{"ping/fping":{"ok":true,"detail":""}}}\n',
    });
    health.report('fping', false, 'fping is missing: apt-get install fping');
    expect(await ask('/healthz')).toMatchObject({ status: 503 });
    board.remove('ping');
  });

  test('gives the metrics of the process in Prometheus’ own type', async () => {
    const gauge = new Gauge({ name: 'guaita_demo', help: 'A gauge', registers: [metrics] });
    gauge.set(7);
    const answer = await ask('/metrics?x=1');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('guaita_demo 7');
    expect(answer.body).toContain('nodejs_eventloop_lag_seconds');
  });

  test('answers HEAD without a body, no other method, and no other path', async () => {
    expect(await ask('/metrics', 'HEAD')).toMatchObject({ status: 200, body: '' });
    expect(await ask('/metrics', 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await ask('/')).toMatchObject({ status: 404 });
    expect(await ask('/metrics/../etc/passwd')).toMatchObject({ status: 404 });
  });

  test('refuses a name that a stranger has pointed at this host', async () => {
    expect(await ask('/metrics', 'GET', { host: 'evil.example:7480' })).toMatchObject({ status: 403 });
    expect(await ask('/metrics', 'GET', { host: 'guaita-ping:7480' })).toMatchObject({ status: 200 });
  });

  /** What the endpoint answers to bytes, until it ends the connection. */
  async function raw(text: string): Promise<string> {
    const socket = connect(endpoint.port ?? 0, '127.0.0.1');
    socket.write(text);
    let said = '';
    for await (const piece of socket) said += String(piece);
    return said;
  }

  test('refuses what names two hosts, none, or another one in its address', async () => {
    const own = 'host: 127.0.0.1\r\nconnection: close\r\n';
    for (const text of [
      `GET /metrics HTTP/1.1\r\n${own}host: evil.example\r\n\r\n`,
      'GET /metrics HTTP/1.1\r\nconnection: close\r\n\r\n',
      `GET http://evil.example/metrics HTTP/1.1\r\n${own}\r\n`,
    ])
      expect(await raw(text)).toMatch(/^HTTP\/1\.1 403 .*unknown host name/s);
    for (const text of [`GET /metrics HTTP/1.1\r\n${own}\r\n`, 'GET /metrics HTTP/1.0\r\n\r\n'])
      expect(await raw(text)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('counts what it refuses before anybody looks for what is asked for, by reason', async () => {
    const refused = async (): Promise<string[]> => {
      const { body } = await ask('/metrics');
      return body.split('\n').filter((line) => line.startsWith('guaita_http_refused_total') && !line.endsWith(' 0'));
    };
    const line = (reason: string, count: number): string => `guaita_http_refused_total{reason="${reason}"} ${count}`;
    expect(await refused()).toEqual([]);
    await ask('/metrics', 'GET', { host: 'evil.example' });
    await ask('/any', 'GET', { host: 'evil.example', connection: 'upgrade', upgrade: 'websocket' });
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await refused()).toEqual([line('host', 2), line('malformed', 1), line('too-large', 1)]);
  });

  test('says 500 and why when a metric cannot be read', async () => {
    const fails = (): never => {
      throw new Error('no such sensor');
    };
    new Gauge({ name: 'guaita_broken', help: 'Broken', registers: [metrics], collect: fails });
    expect(await ask('/metrics')).toMatchObject({ status: 500, body: 'no such sensor\n' });
    metrics.removeSingleMetric('guaita_broken');
  });

  test('leaves all else to the service that answers on its port, as long as it does', async () => {
    const part = {
      request: (_request: IncomingMessage, response: ServerResponse) => void response.end('a page'),
      upgrade: (_request: IncomingMessage, socket: Duplex) => void socket.end('HTTP/1.1 418 Teapot\r\n\r\n'),
    };
    const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
    const end = endpoint.serve(part);
    expect(await ask('/any', 'POST')).toMatchObject({ status: 200, body: 'a page' });
    expect(await ask('/any', 'GET', upgrade)).toMatchObject({ status: 418 });
    expect(await ask('/healthz')).toMatchObject({ status: 503 });
    expect(await ask('/any', 'GET', { host: 'evil.example' })).toMatchObject({ status: 403 });
    expect(await ask('/any', 'GET', { ...upgrade, host: 'evil.example' })).toMatchObject({ status: 403 });
    expect(() => endpoint.serve(part)).toThrow('two services');
    end();
    expect(await ask('/any')).toMatchObject({ status: 404 });
    expect(await ask('/any', 'GET', upgrade)).toMatchObject({ status: 404 });
  });

  test('names the port that is in use and the mend', async () => {
    const second = new HttpEndpoint({ ...options, config: { ...config, port: endpoint.port ?? 0 } });
    await expect(second.start()).rejects.toThrow(EndpointError);
    await expect(second.start()).rejects.toThrow(
      /port \d+ .* EADDRINUSE; something else listens there: choose another/,
    );
    await second.stop();
  });

  test('names an address that this host does not have', async () => {
    const elsewhere = new HttpEndpoint({ ...options, config: { ...config, host: '192.0.2.1' } });
    await expect(elsewhere.start()).rejects.toThrow('EADDRNOTAVAIL; this host has no such address: correct http.host');
  });

  test('can be stopped while somebody keeps a connection open', async () => {
    await ask('/healthz', 'GET', { connection: 'keep-alive' });
    await endpoint.stop();
    expect(endpoint.port).toBeUndefined();
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.0.0.1:7480', true],
  ['[::1]:7480', true],
  ['[::1]', true],
  ['localhost:7480', true],
  ['LOCALHOST', true],
  ['localhost.:7480', true],
  ['Guaita.lan:7480', true],
  ['192.168.1.9:7480', true],
  [undefined, true],
  ['', false],
  ['evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['localhost@evil.example', false],
  ['localhost.evil.example:80', false],
  ['[evil.example]:80', false],
])('a request for host %s is served: %s', (header, served) => {
  expect(isAllowedHost(header, ['guaita.lan'])).toBe(served);
});
