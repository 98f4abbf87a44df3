import { channels } from '@guaita/messages';
import { describe, expect, it } from 'vitest';
import { HttpStage, type StageOptions } from '../http-stage.testdata.ts';

let stage: HttpStage;
async function open(options?: StageOptions): Promise<HttpStage> {
  stage = await HttpStage.begin(options);
  return stage;
}

const BOTH = { ada: 'operator', vera: 'viewer' } as const;
const JSON_TYPE = { 'content-type': 'application/json' };

describe('commands', () => {
  it('are given in the name of the token, and answered as the monitor does', async () => {
    const { post } = await open({ tokens: BOTH });
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
    const { post } = await open({ tokens: BOTH });
    const answer = await post('/api/commands/ack', { alert: '0123456789abcdef', why: 'x', by: 'eve' }, stage.as('ada'));
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('by: this token is that of') });
  });

  it('are given in any name by who is on this host, while there are no tokens', async () => {
    const { post } = await open();
    const heard = await stage.obey(channels.acknowledgeAlert, { ok: true, monitor: 'pi-1' });
    const ack = { alert: '0123456789abcdef', why: 'x' };
    await post('/api/commands/ack', { ...ack, by: 'bob' });
    await post('/api/commands/ack', ack);
    expect(heard).toEqual([expect.objectContaining({ by: 'bob' }), expect.objectContaining({ by: 'local' })]);
  });

  it('are refused to viewers, and to pages of others that ask in an operator’s name', async () => {
    const { post } = await open({ tokens: BOTH });
    const heard = await stage.obey(channels.probeDevices, { ok: true, monitor: 'pi-1' });
    const [path, body] = ['/api/commands/probe', { devices: ['router'] }];
    expect((await post(path, body, stage.as('vera'))).status).toBe(403);
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${stage.port + 1}`])
      expect((await post(path, body, { ...stage.as('ada'), origin })).status).toBe(403);
    expect(heard).toEqual([]);
    expect((await post(path, body, { ...stage.as('ada'), origin: `http://127.0.0.1:${stage.port}` })).status).toBe(200);
  });

  it('that a monitor refuses are a 400 with its reason', async () => {
    const { post } = await open();
    await stage.obey(channels.removeDevices, { ok: false, monitor: 'pi-1', problem: 'device "x" is not known' });
    expect(await post('/api/commands/devices/remove', { devices: ['x'] })).toMatchObject({
      ...{ status: 400, text: '{"problem":"device \\"x\\" is not known"}\n' },
    });
  });

  it('that break their schema are told where, and given to nobody', async () => {
    const { post } = await open();
    const heard = await stage.obey(channels.addDevices, { ok: true, monitor: 'pi-1' });
    const answer = await post('/api/commands/devices/add', { devices: [{ device: '../etc', addresses: [] }] });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('devices.0.device: must be an id');
    expect(heard).toEqual([]);
  });

  it('are not given while the broker is away: nobody expects them later', async () => {
    const { post } = await open();
    await stage.wire.bus.stop();
    expect((await post('/api/commands/probe', { devices: ['router'] })).status).toBe(503);
  });

  it('come as JSON alone, which no form of another site sends', async () => {
    const { ask } = await open();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('/api/commands/probe', form, 'POST', 'devices=router')).status).toBe(415);
    expect((await ask('/api/commands/probe', JSON_TYPE, 'POST', '{"devices":')).status).toBe(400);
    expect((await ask('/api/commands/probe', JSON_TYPE, 'POST', `"${'x'.repeat(2 ** 20)}"`)).status).toBe(413);
  });
});
