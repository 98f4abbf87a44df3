import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { eventually } from '@guaita/lab/eventually';
import { describe, expect, it, test, vi } from 'vitest';
import { DAY_ms } from '../../day.ts';
import { HttpStage, type StageOptions } from '../http-stage.testdata.ts';
import type { Cell, Table } from '../table.ts';

let stage: HttpStage;
async function open(options?: StageOptions): Promise<HttpStage> {
  stage = await HttpStage.begin(options);
  return stage;
}

const AT = '2026-03-01T11:00:00.000Z';

describe('history', () => {
  it('is told by monitor, with what stands in the columns', async () => {
    const { ask } = await open();
    stage.history.points.set('router', [
      ['pi-1', '2026-03-01T11:00:00.000Z', 4],
      ['pi-1', '2026-03-01T11:01:00.000Z', null],
      ['pi-2', '2026-03-01T11:00:30.000Z', 5],
    ]);
    const span = 'from=2026-03-01T11:00:00Z&to=2026-03-01T13:00:00%2B01:00';
    expect(JSON.parse((await ask(`/api/series?device=router&${span}&points=100`)).text)).toEqual({
      resolution: 'raw',
      columns: ['at', 'rtt_avg_ms'],
      monitors: {
        'pi-1': [
          ['2026-03-01T11:00:00.000Z', 4],
          ['2026-03-01T11:01:00.000Z', null],
        ],
        'pi-2': [['2026-03-01T11:00:30.000Z', 5]],
      },
    });
    const [from_ms, to_ms] = [Date.UTC(2026, 2, 1, 11), Date.UTC(2026, 2, 1, 12)];
    expect(stage.history.asked).toEqual([{ device: 'router', kind: 'ping', points: 100, from_ms, to_ms }]);
    const csv = await ask(`/api/series?device=router&${span}&format=csv`);
    expect(csv.text.split('\r\n').slice(0, 2)).toEqual(['monitor,at,rtt_avg_ms', 'pi-1,2026-03-01T11:00:00.000Z,4']);
  });

  it('is that of the last day unless it is said otherwise', async () => {
    const { ask } = await open();
    await ask('/api/worst');
    const to_ms = Date.UTC(2026, 2, 1, 12);
    expect(stage.history.asked).toEqual([{ by: 'loss', limit: 20, from_ms: to_ms - DAY_ms, to_ms }]);
  });

  it('of a device that is gone is told; one of which nothing is known was mistyped', async () => {
    const { ask } = await open();
    stage.history.points.set('gone', [['pi-1', '2026-03-01T11:00:00.000Z', 4]]);
    stage.say('new');
    expect((await ask('/api/series?device=gone')).status).toBe(200);
    expect(JSON.parse((await ask('/api/series?device=new')).text).monitors).toEqual({});
    expect(await ask('/api/series?device=ruoter')).toMatchObject({
      status: 404,
      text: expect.stringContaining('device \\"ruoter\\" is not known, and nothing was seen of it'),
    });
    expect((await ask('/api/events?device=ruoter')).status).toBe(404);
  });

  it('of availability is that of one device, of a tag, or of all, if wanted of the worst alone', async () => {
    const { ask } = await open();
    stage.say('b', { tags: ['roof'] });
    stage.say('a', { tags: ['roof'] });
    const { availability } = JSON.parse((await ask('/api/availability?tag=roof&per=month')).text);
    expect(availability).toEqual([
      { device: 'a', availability_percent: 99.9 },
      { device: 'b', availability_percent: 99.9 },
    ]);
    expect((await ask('/api/availability?tag=cellar')).status).toBe(404);
    expect((await ask('/api/availability?device=gone')).status).toBe(200);
    stage.history.unseen.add('ruoter').add('a');
    expect((await ask('/api/availability?device=ruoter')).status).toBe(404);
    expect((await ask('/api/availability?device=a')).status).toBe(200);
    expect((await ask('/api/availability?tag=roof&device=a')).status).toBe(400);
    stage.say('c');
    await ask('/api/availability?worst=2');
    expect(stage.history.asked.at(-1)).toMatchObject({ devices: ['a', 'b', 'c'], per: 'day', worst: 2 });
  });

  test.each([
    ['series?device=router&from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'the span is reversed or empty'],
    ['series?device=router&from=2027-01-01T00:00:00Z', 'the span is reversed or empty'],
    ['series?device=router&points=1000000', 'points: Too big: expected number to be <=10000'],
    ['series?device=router&points=-1', 'points: Too small'],
    ['series?device=router&points=many', 'points: Invalid input'],
    ['series?device=router&device=switch', 'device: Invalid input: expected string, received array'],
    ['series?device=..%2F..%2Fetc', 'device: must be an id'],
    ['series?device=%00', 'device: must be an id'],
    ['series?device=router%27%20OR%201=1', 'device: must be an id'],
    ['series?device=router&kind=pong', 'kind: Invalid option'],
    ['series?device=router&from=yesterday', 'from: is no moment; give one like'],
    ['series', 'device: Invalid input'],
    ['events?from=0001-01-01T00:00:00Z', 'the span is of more than 4026 days'],
    ['series?device=router&from=2026-01-01T00:00:00Z&to=9999-12-31T00:00:00Z', 'the span is of more than 4026 days'],
    ['worst?by=luck', 'by: Invalid option'],
    ['worst?from=2026-11-20', 'from: is no moment; give one like 2026-11-23T10:00:00Z'],
    ['worst?limit=100000', 'limit: Too big'],
    ['worst?colour=red', 'Unrecognized key: \\"colour\\"'],
    ['devices?__proto__=1&limit=0', 'limit: Too small'],
  ])('is not asked for %s', async (query, problem) => {
    const { ask } = await open();
    const answer = await ask(`/api/${query}`);
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining(problem) });
    expect(stage.history.asked).toEqual([]);
  });

  it('of availability is not that of all days of all devices at once', async () => {
    const { ask } = await open();
    for (let n = 0; n < 300; n += 1) stage.say(`d-${n}`, { tags: ['all'] });
    const span = 'from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z';
    expect(await ask(`/api/availability?tag=all&${span}`)).toMatchObject({
      ...{ status: 400, text: expect.stringContaining('that is of 219300 days of devices, more than 200000') },
    });
    expect((await ask(`/api/availability?tag=all&per=month&${span}`)).status).toBe(200);
    expect((await ask(`/api/availability?worst=20&${span}`)).status).toBe(200);
  });

  it('is told to one visitor at most 64 times at once, however many they ask for, and others have their turn', async () => {
    const { ask } = await open({ tokens: { vera: 'viewer', ada: 'operator' } });
    const { promise: later, resolve: tell } = Promise.withResolvers<Table>();
    stage.history.worst = () => later;
    const many = Array.from({ length: 65 }, () => ask('/api/worst', stage.as('vera')));
    const first = await Promise.race(many);
    expect(first).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(first.text).toContain('64 requests of \\"vera\\" are being answered');
    expect((await ask('/api/events', stage.as('ada'))).status).toBe(200);
    tell({ columns: ['device', 'value'], rows: [] });
    const statuses = (await Promise.all(many)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(64);
    await eventually(async () => expect((await ask('/api/events', stage.as('vera'))).status).toBe(200));
  });

  it('is no longer looked for once nobody waits for it', async () => {
    const { port } = await open();
    const asked = Promise.withResolvers<AbortSignal>();
    stage.history.worst = (_question, signal) => {
      asked.resolve(signal);
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('interrupted'))),
      );
    };
    const leave = new AbortController();
    const answer = fetch(`http://127.0.0.1:${port}/api/worst`, { signal: leave.signal });
    const signal = await asked.promise;
    leave.abort();
    await expect(answer).rejects.toThrow();
    await eventually(() => expect(signal.aborted).toBe(true));
    expect(stage.lines.join()).not.toContain('a request failed');
  });

  it('is told to nobody any more when the server stops: who waits is told that, and asks again', async () => {
    const { port } = await open();
    const asked = Promise.withResolvers<void>();
    stage.history.worst = (_question, signal) => {
      asked.resolve();
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('interrupted'))),
      );
    };
    const answer = fetch(`http://127.0.0.1:${port}/api/worst`);
    await asked.promise;
    const stopped = stage.close();
    expect((await answer).status).toBe(503);
    expect(await (await answer).json()).toEqual({ problem: expect.stringContaining('is being stopped; ask again') });
    await stopped;
    expect(stage.lines.join()).not.toContain('a request failed');
  });

  it('that is read too slowly is broken off after ten minutes, so that others have their turn', async () => {
    const { port } = await open();
    let made = 0;
    let ended = false;
    stage.history.points.set(
      'router',
      (function* (): Generator<readonly Cell[]> {
        try {
          for (; ; made += 1) yield ['pi-1', AT, made];
        } finally {
          ended = true;
        }
      })(),
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const asked = request({ port, path: '/api/series?device=router' }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.pause();
      const broken = once(response, 'error');
      vi.advanceTimersByTime(599_000);
      expect(ended).toBe(false);
      vi.advanceTimersByTime(1_000);
      response.resume();
      expect(String(await broken)).toContain('aborted');
    } finally {
      vi.useRealTimers();
    }
    await eventually(() => expect(ended).toBe(true));
  });

  it('that is long is streamed, as slowly as it is read, and not made when nobody reads on', async () => {
    const { ask } = await open();
    let made = 0;
    const endless = (function* (): Generator<readonly Cell[]> {
      for (; made < 5_000_000; made += 1) yield ['pi-1', '2026-03-01T11:00:00.000Z', made];
    })();
    stage.history.points.set('router', endless);
    const response = await fetch(`http://127.0.0.1:${stage.port}/api/series?device=router`);
    expect(response.headers.get('etag')).toBeNull();
    expect(response.headers.get('transfer-encoding')).toBe('chunked');
    const reader = response.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const paused = made;
    expect(paused).toBeLessThan(1_000_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(made).toBe(paused);
    await reader?.cancel();
    expect((await ask('/api/me')).status).toBe(200);
  });
});
