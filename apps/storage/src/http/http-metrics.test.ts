import { once } from 'node:events';
import { eventually } from '@guaita/lab/eventually';
import { beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { HttpStage } from './http-stage.testdata.ts';

let stage: HttpStage;
beforeEach(async () => {
  stage = await HttpStage.begin();
});

async function counted(): Promise<string[]> {
  const { text } = await stage.ask('/metrics');
  return text.split('\n').filter((line) => line.startsWith('guaita_storage_http_seconds_count'));
}

function line(method: string, route: string, status: number, count: number): string {
  return `guaita_storage_http_seconds_count{method="${method}",route="${route}",status="${status}"} ${count}`;
}

it('requests are counted, and how long they took, by route and status, whatever somebody makes up', async () => {
  stage.say('router', {});
  stage.say('switch', {});
  await stage.ask('/api/devices/router');
  await stage.ask('/api/devices/switch');
  await stage.ask('/api/devices/nobody');
  await stage.ask('/api/worst?by=luck');
  for (const path of ['/a', '/b/c', '/api/none']) await stage.ask(path);
  await stage.ask('/', {}, 'PROPFIND');
  await eventually(async () =>
    expect((await counted()).sort()).toEqual(
      [
        line('GET', '/api/devices/{device}', 200, 2),
        line('GET', '/api/devices/{device}', 404, 1),
        line('GET', '/api/worst', 400, 1),
        line('GET', 'page', 404, 3),
        line('other', 'page', 405, 1),
      ].sort(),
    ),
  );
});

it('what is refused on the way to a route is counted as well', async () => {
  await stage.ask('/%zz');
  await stage.ask(`/api/devices/${'x'.repeat(2_000)}`);
  await stage.ask('/api/login', { 'content-type': 'application/json', 'content-length': '9999999' }, 'POST');
  await stage.ask('/api/login', { 'content-type': 'text/xml' }, 'POST', '<x/>');
  await stage.ask('/api/login', { origin: 'http://evil.example' }, 'POST');
  for (const [path, origin] of [
    ['/mqtt', 'http://evil.example'],
    ['/else', undefined],
  ] as const) {
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}${path}`, {
      ...(origin === undefined ? {} : { origin }),
    });
    await once(socket, 'error');
  }
  await eventually(async () =>
    expect((await counted()).sort()).toEqual(
      [
        line('GET', '/mqtt', 403, 1),
        line('GET', 'page', 400, 1),
        line('GET', 'page', 404, 1),
        line('GET', 'page', 414, 1),
        line('POST', '/api/login', 403, 1),
        line('POST', '/api/login', 413, 1),
        line('POST', '/api/login', 415, 1),
      ].sort(),
    ),
  );
});
