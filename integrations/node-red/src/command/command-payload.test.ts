import { channels } from '@guaita/messages';
import { describe, expect, it } from 'vitest';
import { commandPayload, PayloadFault, VERBS, type Verb } from './command-payload.ts';

const DEFAULTS = { by: 'ada', why: 'a test', minutes: 90 };
const SAID = { by: 'ada', why: 'a test' };
const WIKI = { type: 'http', name: 'wiki', port: 8080, txt: { path: '/start' } };
const ALERT = {
  id: '00000000000000a1',
  kind: 'down',
  subject: 'gateway',
  severity: 'critical',
  text: 'gateway is down',
};

describe('a command is made', () => {
  it.each<[Verb, string, unknown, object]>([
    ['silence/add', 'of an id', 'gateway', { ...SAID, for_s: 5400, devices: ['gateway'] }],
    ['silence/add', 'of ids', 'gateway, attic-ap', { ...SAID, for_s: 5400, devices: ['gateway', 'attic-ap'] }],
    ['silence/add', 'of an alert on a device', ALERT, { ...SAID, for_s: 5400, devices: ['gateway'] }],
    [
      ...(['silence/add', 'of an alert on a monitor'] as const),
      { ...ALERT, kind: 'monitor-lost', subject: 'pi-2' },
      { ...SAID, for_s: 5400, monitors: ['pi-2'] },
    ],
    [
      ...(['silence/add', 'of an alert on a site'] as const),
      { ...ALERT, kind: 'site-lost', subject: 'cabin' },
      { ...SAID, for_s: 5400, sites: ['cabin'], kinds: ['site-lost'] },
    ],
    [
      'silence/add',
      'of tags',
      { tags: ['wifi'], why: 'wind' },
      { by: 'ada', why: 'wind', for_s: 5400, tags: ['wifi'] },
    ],
    [
      ...(['silence/add', 'with an end of its own'] as const),
      { devices: ['gateway'], until: '2026-11-23T00:00:00Z' },
      { ...SAID, devices: ['gateway'], until: '2026-11-23T00:00:00Z' },
    ],
    ['silence/remove', 'of a name', 'calendar-7', { silences: ['calendar-7'] }],
    ['silence/remove', 'of an object', { silences: ['a', 'b'] }, { silences: ['a', 'b'] }],
    ['ack', 'of an alert', ALERT, { ...SAID, alert: ALERT.id }],
    ['ack', 'of an id', ALERT.id, { ...SAID, alert: ALERT.id }],
    ['ack', 'of an object', { alert: ALERT.id, by: 'bo' }, { by: 'bo', why: 'a test', alert: ALERT.id }],
    ['probe', 'of ids', ['gateway'], { devices: ['gateway'] }],
    ['devices/remove', 'of ids', 'gateway attic-ap', { devices: ['gateway', 'attic-ap'] }],
    ['devices/remove', 'of an object', { devices: ['gateway'] }, { devices: ['gateway'] }],
    [
      'devices/add',
      'of a device',
      { device: 'a', addresses: ['192.0.2.1'] },
      { devices: [{ device: 'a', addresses: ['192.0.2.1'] }] },
    ],
    ['devices/add', 'of devices', [{ device: 'a' }, { device: 'b' }], { devices: [{ device: 'a' }, { device: 'b' }] }],
    ['services/add', 'of a service', WIKI, WIKI],
    ['services/remove', 'of a service', { type: 'http', name: 'wiki' }, { type: 'http', name: 'wiki' }],
    ['devices/add', 'of an object', { devices: [{ device: 'a' }] }, { devices: [{ device: 'a' }] }],
  ])('%s, %s', (verb, _, payload, command) => {
    expect(commandPayload(verb, payload, DEFAULTS)).toEqual(command);
  });

  // An empty list of devices to add is refused by the monitor.
  const nothings = VERBS.flatMap((verb) => [undefined, null, 7, '', []].map((payload) => ({ verb, payload })));
  it.each(nothings.filter(({ verb, payload }) => verb !== 'devices/add' || !Array.isArray(payload)))(
    'not: $verb of $payload',
    ({ verb, payload }) => {
      expect(() => commandPayload(verb, payload, DEFAULTS)).toThrow(PayloadFault);
      expect(() => commandPayload(verb, payload, DEFAULTS)).toThrow(/^\S+: msg\.payload is .*: give /);
    },
  );
});

describe('the wire contract takes', () => {
  const CHANNELS = Object.values(channels);

  it.each<[Verb, unknown, object]>([
    ['silence/add', 'gateway attic-ap', { devices: ['gateway', 'attic-ap'], ...SAID, for_s: 5400 }],
    ['silence/add', { ...ALERT, kind: 'monitor-lost', subject: 'pi-2' }, { monitors: ['pi-2'], devices: [] }],
    ['silence/remove', 'calendar-7', { silences: ['calendar-7'] }],
    ['ack', ALERT, { alert: ALERT.id, ...SAID, acknowledge: true }],
    ['devices/add', { device: 'cellar', addresses: ['192.0.2.9'] }, { devices: [{ device: 'cellar' }] }],
    ['devices/remove', 'cellar', { devices: ['cellar'] }],
    ['services/add', WIKI, { ...WIKI, protocol: 'tcp' }],
    ['services/remove', WIKI, { type: 'http', name: 'wiki' }],
  ])('%s of %j', (verb, payload, command) => {
    const channel = CHANNELS.find(({ definition }) => definition.path === `command/${verb}`);
    const text = JSON.stringify(commandPayload(verb, payload, DEFAULTS));
    expect(channel?.decode('a topic', new TextEncoder().encode(text))).toMatchObject(command);
  });
});
