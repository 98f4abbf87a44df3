import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FakeApi, giveJson, type Answer } from '../contract/fake-api.ts';
import { ApiError, JsonApi } from './json-api.ts';

describe('an API that speaks JSON', () => {
  let server: FakeApi;
  let answer: Answer;
  const never = new AbortController().signal;

  beforeEach(async () => {
    isLockedOut = false;
    answer = (_url, response) => giveJson(response, { ok: true });
    server = new FakeApi((...args) => answer(...args));
    await server.start();
  });

  afterEach(() => server.stop());

  /** Whether whoever gives credentials never does. */
  let isLockedOut = false;

  function api(other: { timeout_ms?: number; silence_ms?: number; secrets?: readonly string[] } = {}): JsonApi {
    const { timeout_ms = 30_000, silence_ms = 30_000, secrets = [] } = other;
    return new JsonApi({
      what: 'The API',
      entrance: async () => {
        if (isLockedOut) await new Promise(() => undefined);
        const options = { host: '127.0.0.1', port: server.port, agent: false };
        return { tls: false, prefix: '/base', secrets, options };
      },
      mend: ({ status, code }) => `mend it (${status ?? code ?? 'neither'})`,
      timeout_ms,
      silence_ms,
    });
  }

  async function all(values: AsyncIterable<unknown>): Promise<unknown[]> {
    const list = [];
    for await (const value of values) list.push(value);
    return list;
  }

  it('gives values, from below its prefix', async () => {
    expect(await api().get('/x?q=1', z.object({ ok: z.boolean() }), never)).toEqual({ ok: true });
    expect(server.requests).toEqual(['/base/x?q=1']);
  });

  it('gives streams, whatever the pieces in which they come', async () => {
    const text = '{"a":"ñ🙂"}\n\n{"b":2}\r\n';
    answer = (_url, response) => {
      const bytes = Buffer.from(text);
      const next = (from: number): void => {
        if (from >= bytes.length) response.end();
        else response.write(bytes.subarray(from, from + 3), () => setImmediate(next, from + 3));
      };
      next(0);
    };
    expect(await all(await api().stream('/x', never))).toEqual([{ a: 'ñ🙂' }, { b: 2 }]);
  });

  it('leaves a stream that its reader leaves', async () => {
    answer = (_url, response) => void response.write('1\n2\n');
    for await (const value of await api().stream('/x', never)) {
      expect(value).toBe(1);
      break;
    }
    await expect.poll(() => server.connections).toBe(0);
  });

  it.each<[string, Answer, RegExp]>([
    [
      'that refuses',
      (_url, response) => giveJson(response, { message: 'not\nfor you' }, 403),
      /^The API: GET \/x was refused \(403\): not for you; mend it \(403\)$/,
    ],
    [
      'that refuses without a word',
      (_url, response) => void response.writeHead(500).end(),
      /^The API: GET \/x was refused \(500\): it does not say why; mend it \(500\)$/,
    ],
    [
      'that goes on about why',
      (_url, response) => void response.writeHead(500).end('x'.repeat(1000)),
      /^The API: GET \/x was refused \(500\): x{255}; mend it \(500\)$/,
    ],
    [
      'that never ends to say why',
      (_url, response) => void response.writeHead(500).end('x'.repeat(100_000)),
      /^The API: GET \/x gave more than 64 KiB; mend it \(neither\)$/,
    ],
    [
      'that moved',
      (_url, response) => void response.writeHead(302, { location: 'http://elsewhere/' }).end(),
      /^The API: GET \/x was refused \(302\): it does not say why; mend it \(302\)$/,
    ],
    [
      'that breaks off',
      (_url, response) =>
        void response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
      /^The API: GET \/x was cut off \(ECONNRESET\); mend it \(ECONNRESET\)$/,
    ],
    [
      'that is something else',
      (_url, response) => giveJson(response, { ok: 'yes' }),
      /^The API: GET \/x gave what is not expected \(ok: .*\); mend it \(neither\)$/,
    ],
  ])('tells of one %s with the mend', async (_what, other, message) => {
    answer = other;
    const failure = await api()
      .get('/x?token=secret', z.object({ ok: z.boolean() }), never)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect((failure as ApiError).message).toMatch(message);
  });

  it('tells of one that is not there', async () => {
    await server.stop();
    await expect(api().get('/x', z.unknown(), never)).rejects.toThrow(
      /GET \/x failed: .*ECONNREFUSED.*; mend it \(ECONNREFUSED\)/,
    );
    await expect(api().stream('/x', never)).rejects.toThrow(/GET \/x failed: .*ECONNREFUSED/);
  });

  it('does not wait for ever', async () => {
    answer = () => undefined;
    await expect(api({ timeout_ms: 20 }).get('/x', z.unknown(), never)).rejects.toThrow(
      'The API: GET /x gave no whole answer within 20 ms; mend it (ETIMEDOUT)',
    );
    await expect(api({ timeout_ms: 20 }).stream('/x', never)).rejects.toThrow('gave no answer within 20 ms');
    answer = (_url, response) => void response.write('{');
    await expect(api({ timeout_ms: 50 }).get('/x', z.unknown(), never)).rejects.toThrow(
      'gave no whole answer within 50 ms',
    );
    answer = (_url, response) => void response.write('1\n');
    await expect(all(await api({ silence_ms: 50 }).stream('/x', never))).rejects.toThrow('gave nothing within 50 ms');
    answer = (_url, response) => response.flushHeaders();
    await expect(all(await api({ silence_ms: 50 }).stream('/x', never))).rejects.toThrow('gave nothing within 50 ms');
    await expect.poll(() => server.connections).toBe(0);
  });

  it('does not wait for ever for credentials', async () => {
    isLockedOut = true;
    await expect(api({ timeout_ms: 20 }).get('/x', z.unknown(), never)).rejects.toThrow(
      'gave no whole answer within 20 ms',
    );
    await expect(api({ timeout_ms: 20 }).stream('/x', never)).rejects.toThrow('gave no answer within 20 ms');
    const reason = new Error('enough');
    await expect(api().get('/x', z.unknown(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('quotes no secret', async () => {
    answer = (_url, response) => giveJson(response, { message: 'who is abc? Bearer abc' }, 401);
    const asked = api({ secrets: ['Bearer abc', 'abc', ''] }).get('/x', z.unknown(), never);
    await expect(asked).rejects.toThrow('was refused (401): who is [secret]? [secret]; ');
  });

  it('ends with the reason of who ends it', async () => {
    const controller = new AbortController();
    answer = (_url, response) => void response.write('1\n');
    const values = await api().stream('/x', controller.signal);
    const asked = api().get('/x', z.unknown(), controller.signal);
    const reason = new Error('enough');
    setImmediate(() => controller.abort(reason));
    await Promise.all([expect(all(values)).rejects.toBe(reason), expect(asked).rejects.toBe(reason)]);
    await expect(api().get('/x', z.unknown(), controller.signal)).rejects.toBe(reason);
    await expect.poll(() => server.connections).toBe(0);
  });
});
