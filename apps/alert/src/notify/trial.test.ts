import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReceiverConfig } from './config.ts';
import { Outside } from './outside.testdata.ts';
import { tryReceiver } from './trial.ts';

let outside: Outside;
beforeEach(async () => {
  outside = new Outside();
  await outside.start();
});
afterEach(() => outside.stop());

it('sends one notification, and tells what came back but for what is secret', async () => {
  const headers = { authorization: 'Bearer tk_0123456789' };
  const way = ReceiverConfig.parse({ type: 'ntfy', url: outside.url('/alarms'), headers });
  outside.answer = (response, { body, headers: { authorization } }) => {
    response.writeHead(403).end(`${body} ${String(authorization)} not here`);
  };
  const { outcome, status, answer } = await tryReceiver(way, 'pi-1', 1_772_000_000_000, new AbortController().signal);
  expect([outcome, status]).toEqual([{ is: 'refused', why: 'it answered 403 Forbidden' }, 403]);
  expect(outside.bodies).toMatchObject([
    { topic: 'alarms', message: expect.stringContaining('test of Guaita') as string },
  ]);
  expect(answer).toContain('not here');
  expect(answer).not.toMatch(/alarms|tk_0/);
});

it.each([
  ['written as in the address', 'GET /hooks/s%C3%A9cret-token?key=a%20b%20c%20d%20e is not known'],
  ['meant by it', 'no hook is called sécret-token, nor key a b c d e'],
  ['at the end, where the answer is cut', `${'x'.repeat(1_990)}sécret-token`],
])('shows no secret that comes back %s', async (_, said) => {
  const url = outside.url('/hooks/s%C3%A9cret-token?key=a%20b%20c%20d%20e');
  outside.answer = (response) => void response.writeHead(404).end(said);
  const { signal } = new AbortController();
  const { answer } = await tryReceiver(ReceiverConfig.parse({ type: 'webhook', url }), 'pi-1', 0, signal);
  expect(answer).toContain('[secret]');
  expect(answer).not.toMatch(/s(é|%C3%A9)cr|a( |%20)b/);
});
