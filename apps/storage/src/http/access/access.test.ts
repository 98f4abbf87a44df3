import { beforeEach, describe, expect, it, test } from 'vitest';
import { HttpStage, type StageOptions } from '../http-stage.testdata.ts';

let stage: HttpStage;
let tls = false;
async function open(options?: StageOptions): Promise<HttpStage> {
  stage = await HttpStage.begin({ ...options, tls });
  return stage;
}

const BOTH = { ada: 'operator', vera: 'viewer' } as const;

describe.each([
  ['in the clear', false],
  ['by TLS', true],
])('who may come in %s', (_how, byTls) => {
  beforeEach(() => {
    tls = byTls;
  });

  it('is anybody on this host, as an operator, while there are no tokens', async () => {
    const { ask, post } = await open();
    expect(JSON.parse((await ask('/api/me')).text)).toEqual({
      ...{ name: 'local', role: 'operator', monitor: 'pi-1', base: 'guaita', tokens: false },
      version: expect.any(String),
    });
    expect((await post('/api/login', { token: 'whatever' })).headers['set-cookie']).toBeUndefined();
  });

  test.each([['forwarded'], ['x-forwarded-for'], ['via'], ['x-real-ip']])(
    'is nobody for whom a proxy of this host asks (%s), while there are no tokens',
    async (header) => {
      const { ask } = await open();
      const answer = await ask('/api/me', { [header]: '203.0.113.9' });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('make one with \\"guaita token\\"');
    },
  );

  it('is who has a token, as what it says, once there are any', async () => {
    const { ask } = await open({ tokens: BOTH });
    expect(await ask('/api/me')).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.any(String) } });
    expect((await ask('/api/me', { authorization: 'Bearer guaita_wrong' })).status).toBe(401);
    expect(JSON.parse((await ask('/api/me', stage.as('vera'))).text)).toMatchObject({ name: 'vera', role: 'viewer' });
    expect(JSON.parse((await ask('/api/me', stage.as('ada'))).text)).toMatchObject({ name: 'ada', tokens: true });
  });

  it('gets a cookie for a token that no script reads and no other site’s page sends, and loses it at the end', async () => {
    const { ask, post } = await open({ tokens: BOTH });
    const { headers } = await post('/api/login', { token: stage.token('ada') });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toBe(
      `guaita-pi-1=${stage.token('ada')}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict${byTls ? '; Secure' : ''}`,
    );
    const jar = { cookie: `other=1; ${cookie.split(';', 1)[0]}` };
    expect((await ask('/api/me', jar)).status).toBe(200);
    const [gone = ''] = (await post('/api/logout', {}, jar)).headers['set-cookie'] ?? [];
    expect(gone).toContain('guaita-pi-1=; Path=/; Max-Age=0');
  });

  it('sends the cookie by TLS alone where a proxy has taken TLS off', async () => {
    const { post } = await open({ tokens: BOTH, allowedHosts: ['guaita.example'] });
    const answer = await post('/api/login', { token: stage.token('ada') }, { origin: 'https://guaita.example' });
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
  });

  it('takes what changes something from its own page alone, and by TLS from none that came in the clear', async () => {
    const { post } = await open({ tokens: BOTH });
    const jar = { cookie: `guaita-pi-1=${stage.token('ada')}` };
    const from = async (origin: string): Promise<number> => (await post('/api/logout', {}, { ...jar, origin })).status;
    expect(await from(stage.origin())).toBe(200);
    expect(await from('http://evil.example')).toBe(403);
    expect(await from(`https://127.0.0.1:${stage.port}`)).toBe(200);
    expect(await from(`http://127.0.0.1:${stage.port}`)).toBe(byTls ? 403 : 200);
  });

  it('waits after ten wrong tokens in a minute; the right one comes in all the same', async () => {
    const { ask, post } = await open({ tokens: BOTH });
    for (let time = 0; time < 10; time += 1) expect((await post('/api/login', { token: 'no' })).status).toBe(401);
    expect(await post('/api/login', { token: 'no' })).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect((await ask('/api/me', { authorization: 'Bearer no' })).status).toBe(429);
    expect((await post('/api/login', { token: stage.token('vera') })).status).toBe(200);
    await stage.clock.advance(60_000);
    expect((await post('/api/login', { token: 'no' })).status).toBe(401);
  });

  it('is asked for a host that is ours: a name that a stranger has pointed here gets nothing', async () => {
    const { ask } = await open({ allowedHosts: ['guaita.example'] });
    expect((await ask('/api/me', { host: 'evil.example' })).status).toBe(403);
    expect((await ask('/api/me', { host: 'guaita.example' })).status).toBe(200);
  });
});
