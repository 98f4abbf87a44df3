import type { IncomingMessage } from '@guaita/bus';
import { expect, test } from 'vitest';
import { Subtree } from './subtree.ts';

const subtree = new Subtree('guaita', 'one');
const OFFLINE = '{"state":"offline","incarnation":1,"session":1}';

function heard(topic: string, payload = '{}', more: Partial<IncomingMessage> = {}): IncomingMessage {
  return { topic: `guaita/${topic}`, payload: Buffer.from(payload), retain: false, qos: 1, ...more };
}

test('what the monitor says to all is pushed as its channel prescribes, with what is left of its expiry', () => {
  expect(subtree.pushed(heard('monitor/one/ping/router', '{"a":1}', { expiry_s: 17 }))).toEqual({
    ...{ topic: 'guaita/monitor/one/ping/router', payload: '{"a":1}', qos: 1, retain: true, measurement: true },
    ...{ expiry_s: 17, properties: { 'guaita-pushed-by': 'one' } },
  });
  expect(subtree.pushed(heard('monitor/one/claims/0f'))).toMatchObject({ qos: 1, retain: true, measurement: false });
  expect(subtree.pushed(heard('monitor/one/wants/two'))).toMatchObject({ qos: 1, retain: false });
  expect(subtree.pushed(heard('monitor/one/status'))).toMatchObject({ qos: 0, retain: true });
});

test('that a topic is cleared is pushed as state, for it is not said again by itself', () => {
  expect(subtree.pushed(heard('monitor/one/ping/router', ''))).toMatchObject({ payload: '', measurement: false });
  expect(subtree.pushed(heard('monitor/one/wants/two', ''))).toBeUndefined();
});

test.each([
  ['of another monitor', heard('monitor/two/claims/00')],
  ['of a monitor whose id begins alike', heard('monitor/one-more/claims/00')],
  ['between the services of the host', heard('host/one/assigned/router')],
  ['computed here', heard('cluster/one')],
  ['of no channel', heard('monitor/one/elsewhere/x')],
  ['of no channel’s depth', heard('monitor/one/claims/00/more')],
  [
    'that was pushed here by the monitor itself',
    heard('monitor/one/claims/00', '{}', { properties: { 'guaita-pushed-by': 'one' } }),
  ],
  [
    'that was pushed here by another',
    heard('monitor/one/claims/00', '{}', { properties: { 'guaita-pushed-by': 'two' } }),
  ],
])('a message %s is not pushed', (_, message) => {
  expect(subtree.pushed(message)).toBeUndefined();
});

test('a stored header is not pushed, for it would pass for a beat; a stored goodbye is', () => {
  expect(subtree.pushed(heard('monitor/one/status', '{"state":"online"}', { retain: true }))).toBeUndefined();
  expect(subtree.pushed(heard('monitor/one/status', OFFLINE, { retain: true }))).toMatchObject({ payload: OFFLINE });
});
