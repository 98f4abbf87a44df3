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
