import { describe, expect, it } from 'vitest';
import { HttpStage, type StageOptions } from './http-stage.testdata.ts';

let stage: HttpStage;
async function open(options?: StageOptions): Promise<HttpStage> {
  stage = await HttpStage.begin(options);
  return stage;
}

const BOTH = { ada: 'operator', vera: 'viewer' } as const;

describe('an answer', () => {
  it('has a strong ETag, by which who has it already is told so', async () => {
    const { ask } = await open({ tokens: BOTH });
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
    const { ask } = await open();
    expect(await ask('/api/me', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  it('says to browsers that nothing but our own may run', async () => {
    const { ask } = await open();
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
    const { ask, post } = await open();
    for (const answer of [await ask('/api/none'), await post('/api/me', {}), await post('/api/commands/reboot', {})])
      expect(answer).toMatchObject({ status: 404, text: expect.stringContaining('/api/openapi.json') });
  });

  it('tells nothing of what went wrong inside, which the log does', async () => {
    const { ask } = await open();
    stage.history.worst = () => Promise.reject(new Error('SELECT secret FROM inside'));
    expect(await ask('/api/worst')).toMatchObject({ status: 500, text: expect.not.stringContaining('SELECT') });
    expect(stage.lines.join()).toContain('SELECT secret FROM inside');
  });
});
