import { channels } from '@guaita/messages';
import { afterEach, describe, expect, it, test } from 'vitest';
import { HttpStage } from './http-stage.testdata.ts';
import type { Cell } from './table.ts';

let stage: HttpStage;
afterEach(() => stage.close());

async function open(options: Parameters<HttpStage['open']>[0] = {}): Promise<HttpStage> {
  stage = new HttpStage();
  await stage.open(options);
  return stage;
}

const BOTH = { ada: 'operator', vera: 'viewer' } as const;
const JSON_TYPE = { 'content-type': 'application/json' };

describe('who may come in', () => {
  it('is anybody on this host, as an operator, while there are no tokens', async () => {
    const { ask, post } = bound(await open());
    expect(JSON.parse((await ask('/api/me')).text)).toEqual({
      ...{ name: 'local', role: 'operator', monitor: 'pi-1', base: 'guaita', tokens: false },
      version: expect.any(String),
    });
    expect((await post('/api/login', { token: 'whatever' })).headers['set-cookie']).toBeUndefined();
  });

  test.each([['forwarded'], ['x-forwarded-for'], ['via'], ['x-real-ip']])(
    'is nobody for whom a proxy of this host asks (%s), while there are no tokens',
    async (header) => {
      const { ask } = bound(await open());
      const answer = await ask('/api/me', { [header]: '203.0.113.9' });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('make one with \\"guaita token\\"');
    },
  );

  it('is who has a token, as what it says, once there are any', async () => {
    const { ask } = bound(await open({ tokens: BOTH }));
    expect(await ask('/api/me')).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.any(String) } });
    expect((await ask('/api/me', { authorization: 'Bearer guaita_wrong' })).status).toBe(401);
    expect(JSON.parse((await ask('/api/me', stage.as('vera'))).text)).toMatchObject({ name: 'vera', role: 'viewer' });
    expect(JSON.parse((await ask('/api/me', stage.as('ada'))).text)).toMatchObject({ name: 'ada', tokens: true });
  });

  it('gets a cookie for a token that no script reads and no other site’s page sends, and loses it at the end', async () => {
    const { ask, post } = bound(await open({ tokens: BOTH }));
    const { headers } = await post('/api/login', { token: stage.token('ada') });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toBe(`guaita-pi-1=${stage.token('ada')}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict`);
    const jar = { cookie: `other=1; ${cookie.split(';', 1)[0]}` };
    expect((await ask('/api/me', jar)).status).toBe(200);
    const [gone = ''] = (await post('/api/logout', {}, jar)).headers['set-cookie'] ?? [];
    expect(gone).toContain('guaita-pi-1=; Path=/; Max-Age=0');
  });

  it('sends the cookie by TLS alone where the page came by TLS', async () => {
    const { post } = bound(await open({ tokens: BOTH, allowedHosts: ['guaita.example'] }));
    const answer = await post('/api/login', { token: stage.token('ada') }, { origin: 'https://guaita.example' });
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
  });

  it('waits after ten wrong tokens in a minute; the right one comes in all the same', async () => {
    const { ask, post } = bound(await open({ tokens: BOTH }));
    for (let time = 0; time < 10; time += 1) expect((await post('/api/login', { token: 'no' })).status).toBe(401);
    expect(await post('/api/login', { token: 'no' })).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect((await ask('/api/me', { authorization: 'Bearer no' })).status).toBe(429);
    expect((await post('/api/login', { token: stage.token('vera') })).status).toBe(200);
    await stage.clock.advance(60_000);
    expect((await post('/api/login', { token: 'no' })).status).toBe(401);
  });

  it('is asked for a host that is ours: a name that a stranger has pointed here gets nothing', async () => {
    const { ask } = bound(await open({ allowedHosts: ['guaita.example'] }));
    expect((await ask('/api/me', { host: 'evil.example' })).status).toBe(403);
    expect((await ask('/api/me', { host: 'guaita.example' })).status).toBe(200);
  });
});

describe('commands', () => {
  it('are given in the name of the token, and answered as the monitor does', async () => {
    const { post } = bound(await open({ tokens: BOTH }));
    const heard = await stage.obey(channels.addSilence, { ok: true, monitor: 'pi-2', silence: 's-1', remarks: ['hm'] });
    const answer = await post(
      '/api/commands/silence/add',
      { tags: ['roof'], why: 'storm', for_s: 60 },
      stage.as('ada'),
    );
    expect(JSON.parse(answer.text)).toEqual({ ok: true, monitor: 'pi-2', silence: 's-1', remarks: ['hm'] });
    expect(heard).toEqual([expect.objectContaining({ tags: ['roof'], why: 'storm', for_s: 60, by: 'ada' })]);
  });

  it('are not given in another’s name', async () => {
    const { post } = bound(await open({ tokens: BOTH }));
    const answer = await post('/api/commands/ack', { alert: '0123456789abcdef', why: 'x', by: 'eve' }, stage.as('ada'));
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('by: this token is that of') });
  });

  it('are given in any name by who is on this host, while there are no tokens', async () => {
    const { post } = bound(await open());
    const heard = await stage.obey(channels.acknowledgeAlert, { ok: true, monitor: 'pi-1' });
    const ack = { alert: '0123456789abcdef', why: 'x' };
    await post('/api/commands/ack', { ...ack, by: 'bob' });
    await post('/api/commands/ack', ack);
    expect(heard).toEqual([expect.objectContaining({ by: 'bob' }), expect.objectContaining({ by: 'local' })]);
  });

  it('are refused to viewers, and to pages of others that ask in an operator’s name', async () => {
    const { post } = bound(await open({ tokens: BOTH }));
    const heard = await stage.obey(channels.probeDevices, { ok: true, monitor: 'pi-1' });
    const [path, body] = ['/api/commands/probe', { devices: ['router'] }];
    expect((await post(path, body, stage.as('vera'))).status).toBe(403);
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${stage.port + 1}`])
      expect((await post(path, body, { ...stage.as('ada'), origin })).status).toBe(403);
    expect(heard).toEqual([]);
    expect((await post(path, body, { ...stage.as('ada'), origin: `http://127.0.0.1:${stage.port}` })).status).toBe(200);
  });

  it('that a monitor refuses are a 400 with its reason', async () => {
    const { post } = bound(await open());
    await stage.obey(channels.removeDevices, { ok: false, monitor: 'pi-1', problem: 'device "x" is not known' });
    expect(await post('/api/commands/devices/remove', { devices: ['x'] })).toMatchObject({
      ...{ status: 400, text: '{"problem":"device \\"x\\" is not known"}\n' },
    });
  });

  it('that break their schema are told where, and given to nobody', async () => {
    const { post } = bound(await open());
    const heard = await stage.obey(channels.addDevices, { ok: true, monitor: 'pi-1' });
    const answer = await post('/api/commands/devices/add', { devices: [{ device: '../etc', addresses: [] }] });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('devices.0.device: must be an id');
    expect(heard).toEqual([]);
  });

  it('are not given while the broker is away: nobody expects them later', async () => {
    const { post } = bound(await open());
    await stage.wire.bus.stop();
    expect((await post('/api/commands/probe', { devices: ['router'] })).status).toBe(503);
  });

  it('come as JSON alone, which no form of another site sends', async () => {
    const { ask } = bound(await open());
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('/api/commands/probe', form, 'POST', 'devices=router')).status).toBe(415);
    expect((await ask('/api/commands/probe', JSON_TYPE, 'POST', '{"devices":')).status).toBe(400);
    expect((await ask('/api/commands/probe', JSON_TYPE, 'POST', `"${'x'.repeat(2 ** 20)}"`)).status).toBe(413);
  });
});

describe('devices', () => {
  async function network(): Promise<ReturnType<typeof bound>> {
    const all = bound(await open());
    stage.wire.say(channels.cluster, { monitor: 'pi-1' }, view('home'));
    stage.wire.say(channels.cluster, { monitor: 'pi-2' }, view('attic'));
    stage.say('c', { name: 'Roof AP', tags: ['roof'], monitors: ['pi-1'] }, 'down');
    stage.say('a', { addresses: ['10.0.0.7'], monitors: ['pi-1', 'pi-2'] }, 'up');
    stage.say('b', { tags: ['roof'], monitors: ['pi-2'] });
    return all;
  }
  const view = (site: string) => {
    return { site, alive: true, isolated: false, probing: true, devices: 0, at: '2026-03-01T11:00:00.000Z' };
  };

  test.each([
    ['', ['a', 'b', 'c']],
    ['state=down', ['c']],
    ['state=unknown', ['b']],
    ['tag=roof', ['b', 'c']],
    ['site=attic', ['a', 'b']],
    ['text=ROOF%20ap', ['c']],
    ['text=10.0.0.', ['a']],
    ['tag=roof&site=home', ['c']],
    ['tag=none', []],
  ])('are chosen by %j', async (query, expected) => {
    const { ask } = await network();
    const { total, devices } = JSON.parse((await ask(`/api/devices?${query}`)).text);
    expect(devices.map(({ device }: { device: string }) => device)).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  it('come some at a time', async () => {
    const { ask } = await network();
    const first = JSON.parse((await ask('/api/devices?limit=2')).text);
    expect(first).toMatchObject({ total: 3, next: 'b' });
    const second = JSON.parse((await ask(`/api/devices?limit=2&after=${first.next}`)).text);
    expect(second.devices.map(({ device }: { device: string }) => device)).toEqual(['c']);
    expect(second.next).toBeUndefined();
  });

  it('are told in full one by one, until they are gone from the inventory', async () => {
    const { ask } = await network();
    expect(JSON.parse((await ask('/api/devices/c')).text)).toMatchObject({
      ...{ spec: { name: 'Roof AP' }, verdict: { state: 'down' }, alerts: [] },
    });
    stage.wire.clear(channels.spec, { device: 'c' });
    expect(await ask('/api/devices/c')).toMatchObject({ status: 404, text: expect.stringContaining('is not known') });
  });

  it('that went while the broker was away are not told any more half a minute later', async () => {
    const { ask } = await network();
    const { bus } = stage.wire;
    // The test says it by the server's own connection, which would say it again.
    await bus.flushed();
    bus.forget('guaita/device/c/spec');
    const has = async (): Promise<boolean> => (await ask('/api/devices/c')).status === 200;
    await stage.interrupt((broker) =>
      broker.publish({ topic: 'guaita/device/c/spec', payload: '', qos: 1, retain: true }),
    );
    expect(bus.connected).toBe(true);
    expect(await has()).toBe(true);
    await stage.clock.advance(30_000);
    expect(await has()).toBe(false);
    expect((await ask('/api/devices/a')).status).toBe(200);
  });

  it('are a table for a spreadsheet, in which no name is a formula', async () => {
    const { ask } = await network();
    stage.say('d', { name: '=cmd|calc!A0' });
    const { text, headers } = await ask('/api/devices?text=cmd', { accept: 'text/csv' });
    expect(text.split('\r\n')[1]).toMatch(/^d,'=cmd\|calc!A0,/);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="devices.csv"',
    });
  });
});

describe('history', () => {
  it('is told by monitor, with what stands in the columns', async () => {
    const { ask } = bound(await open());
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
    const { ask } = bound(await open());
    await ask('/api/worst');
    const to_ms = Date.UTC(2026, 2, 1, 12);
    expect(stage.history.asked).toEqual([{ by: 'loss', limit: 20, from_ms: to_ms - 86_400_000, to_ms }]);
  });

  it('of a device that is gone is told; one of which nothing is known was mistyped', async () => {
    const { ask } = bound(await open());
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

  it('of availability is that of one device or of a tag', async () => {
    const { ask } = bound(await open());
    stage.say('b', { tags: ['roof'] });
    stage.say('a', { tags: ['roof'] });
    const { availability } = JSON.parse((await ask('/api/availability?tag=roof&per=month')).text);
    expect(availability).toEqual([
      { device: 'a', availability_percent: 99.9 },
      { device: 'b', availability_percent: 99.9 },
    ]);
    expect((await ask('/api/availability?tag=cellar')).status).toBe(404);
    expect((await ask('/api/availability')).status).toBe(400);
    expect((await ask('/api/availability?tag=roof&device=a')).status).toBe(400);
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
    ['series?device=router&from=yesterday', 'from: Invalid ISO datetime'],
    ['series', 'device: Invalid input'],
    ['worst?by=luck', 'by: Invalid option'],
    ['worst?limit=100000', 'limit: Too big'],
    ['worst?colour=red', 'Unrecognized key: \\"colour\\"'],
    ['devices?__proto__=1&limit=0', 'limit: Too small'],
  ])('is not asked for %s', async (query, problem) => {
    const { ask } = bound(await open());
    const answer = await ask(`/api/${query}`);
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining(problem) });
    expect(stage.history.asked).toEqual([]);
  });

  it('that is long is streamed, as slowly as it is read, and not made when nobody reads on', async () => {
    const { ask } = bound(await open());
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

describe('an answer', () => {
  it('has a strong ETag, by which who has it already is told so', async () => {
    const { ask } = bound(await open({ tokens: BOTH }));
    const { headers, text } = await ask('/api/devices', stage.as('vera'));
    const etag = headers.etag ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(text).not.toBe('');
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const again = await ask('/api/devices', { ...stage.as('vera'), 'if-none-match': known });
      expect(again).toMatchObject({ status: 304, text: '', headers: { etag } });
    }
    stage.say('new');
    const changed = await ask('/api/devices', { ...stage.as('vera'), 'if-none-match': etag });
    expect(changed.status).toBe(200);
    // Nobody learns from an ETag what he may not read.
    expect((await ask('/api/devices', { 'if-none-match': etag })).status).toBe(401);
  });

  it('is given to HEAD without a body', async () => {
    const { ask } = bound(await open());
    expect(await ask('/api/me', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  it('says to browsers that nothing but our own may run', async () => {
    const { ask } = bound(await open());
    for (const path of ['/api/me', '/', '/api/none', '/%']) {
      const { headers } = await ask(path);
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringMatching(/^default-src 'self';.* frame-ancestors 'none'/),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it('says that there is no such operation where there is none', async () => {
    const { ask, post } = bound(await open());
    for (const answer of [await ask('/api/none'), await post('/api/me', {}), await post('/api/commands/reboot', {})])
      expect(answer).toMatchObject({ status: 404, text: expect.stringContaining('/api/openapi.json') });
  });

  it('tells nothing of what went wrong inside, which the log does', async () => {
    const { ask } = bound(await open());
    stage.history.worst = () => Promise.reject(new Error('SELECT secret FROM inside'));
    expect(await ask('/api/worst')).toMatchObject({ status: 500, text: expect.not.stringContaining('SELECT') });
    expect(stage.lines.join()).toContain('SELECT secret FROM inside');
  });
});

/** The stage's ways to ask, as functions. */
function bound(of: HttpStage) {
  return { ask: of.ask.bind(of), post: of.post.bind(of) };
}
