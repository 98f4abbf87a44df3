import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Outside } from './outside.testdata.ts';
import { outcomeOf, post } from './post.ts';

const NOON_ms = Date.parse('2026-03-02T12:00:00Z');

let outside: Outside;
beforeEach(async () => {
  outside = new Outside();
  await outside.start();
});
afterEach(() => outside.stop());

function send(path = '/', signal = new AbortController().signal) {
  return post({ url: outside.url(path), headers: { 'idempotency-key': 'x-begin' }, body: '{}' }, signal);
}

describe('a request', () => {
  it('arrives as it was made', async () => {
    const { outcome, status, answer } = await send('/hook?token=s3cret');
    expect([outcome, status, answer]).toEqual([{ is: 'arrived' }, 200, 'ok']);
    expect(outside.received).toMatchObject([
      { method: 'POST', path: '/hook?token=s3cret', body: '{}', headers: { 'idempotency-key': 'x-begin' } },
    ]);
  });

  it('that is answered by a redirect goes nowhere else', async () => {
    outside.answer = (response) => void response.writeHead(307, { location: outside.url('/elsewhere') }).end();
    const { outcome } = await send();
    expect(outcome).toMatchObject({
      is: 'refused',
      why: expect.stringContaining('redirects are not followed') as string,
    });
    expect(outside.received).toHaveLength(1);
  });

  it('that nobody answers is given up when its time is over, and shows nothing of where it went', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort(new Error('soon')));
    outside.answer = () => undefined;
    const { outcome } = await send('/s3cret');
    vi.restoreAllMocks();
    expect(outcome).toEqual({ is: 'failed', why: 'it did not answer within 10 s' });
  });

  it('that is aborted ends at once', async () => {
    const end = new AbortController();
    outside.answer = () => end.abort();
    expect((await send('/', end.signal)).outcome).toEqual({ is: 'failed', why: 'it was given up' });
  });

  it('whose connection breaks may arrive another time, and tells the fault only by its code', async () => {
    outside.answer = (response) => void response.socket?.destroy();
    const { outcome } = await send('/s3cret');
    expect(outcome).toMatchObject({
      is: 'failed',
      why: expect.stringMatching(/^it cannot be reached \([A-Z_]+\)$/) as string,
    });
  });

  it('to a place where nobody is tells that by its code', async () => {
    const gone = new Outside();
    await gone.start();
    const url = gone.url('/s3cret');
    await gone.stop();
    const { outcome } = await post({ url, headers: {}, body: '' }, new AbortController().signal);
    expect(outcome).toEqual({ is: 'failed', why: 'it cannot be reached (ECONNREFUSED)' });
  });

  it('counts as arrived by its status, though the rest of the answer never comes', async () => {
    outside.answer = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.socket?.destroy(), 50);
    };
    expect(await send()).toMatchObject({ outcome: { is: 'arrived' }, answer: 'half' });
  });

  it('is read no further than anybody reads', async () => {
    outside.answer = (response) => void response.end('x'.repeat(5_000_000));
    expect((await send()).answer).toHaveLength(2_000);
  });

  it.each([
    [200, null, { is: 'arrived' }],
    [202, null, { is: 'arrived' }],
    [500, null, { is: 'failed', why: 'it answered 500 Internal Server Error' }],
    [503, '120', { is: 'failed', after_ms: 120_000 }],
    [429, '30', { is: 'failed', after_ms: 30_000 }],
    [429, 'Mon, 02 Mar 2026 12:01:00 GMT', { is: 'failed', after_ms: 60_000 }],
    [429, 'Mon, 02 Mar 2026 11:00:00 GMT', { is: 'failed', after_ms: 0 }],
    [429, '86400', { is: 'failed', after_ms: 900_000 }],
    [429, 'soon', { is: 'failed' }],
    [408, null, { is: 'failed' }],
    [400, null, { is: 'refused', why: 'it answered 400 Bad Request' }],
    [401, '30', { is: 'refused' }],
    [404, null, { is: 'refused' }],
    [799, null, { is: 'failed', why: 'it answered 799' }],
  ])('that is answered %i (retry after %s) …', (status, retryAfter, expected) => {
    const outcome = outcomeOf(status, retryAfter, NOON_ms);
    expect(outcome).toMatchObject(expected);
    expect('after_ms' in outcome).toBe('after_ms' in expected);
  });
});
