import type { Packet } from 'mqtt-packet';
import { expect, it, test } from 'vitest';
import { Gate } from './gate.ts';

const OPTIONS = { base: 'guaita', clientId: 'guaita-pi-1-page-1', username: 'storage', password: 'a secret' };

const CONNECT: Packet = {
  ...{ cmd: 'connect', clientId: 'guaita-pi-1-assign-1', protocolVersion: 5, clean: false, keepalive: 10 },
  ...{ username: 'admin', password: Buffer.from('guessed') },
  properties: { sessionExpiryInterval: 1_000_000, receiveMaximum: 20, requestProblemInformation: true },
};

function connected(): Gate {
  const gate = new Gate(OPTIONS);
  gate.pass(CONNECT);
  return gate;
}

it('makes a CONNECT anew: ours is the name, the user and the end of the session', () => {
  expect(new Gate(OPTIONS).pass(CONNECT)).toEqual({
    to: 'broker',
    packet: {
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive: 10 },
      ...{ clientId: 'guaita-pi-1-page-1', username: 'storage', password: Buffer.from('a secret') },
      properties: { sessionExpiryInterval: 0, receiveMaximum: 20 },
    },
  });
});

test.each<[string, Partial<Packet>]>([
  ['a will', { will: { topic: 'guaita/command/devices/remove', payload: '{}' } }],
  ['an older MQTT', { protocolVersion: 4 }],
  ['authentication of its own', { properties: { authenticationMethod: 'SCRAM-SHA-1' } }],
])('refuses a CONNECT with %s', (_what, change) => {
  const passage = new Gate(OPTIONS).pass({ ...CONNECT, ...change } as Packet);
  expect(passage).toMatchObject({ to: 'browser', packet: { cmd: 'connack' }, ends: expect.any(String) });
});

test.each<Packet>([
  { cmd: 'publish', topic: 'guaita/command/devices/remove', payload: '{}', qos: 0, dup: false, retain: false },
  { cmd: 'pubrec', messageId: 1 },
  { cmd: 'pubrel', messageId: 1 },
  { cmd: 'auth', reasonCode: 0 },
  { cmd: 'pingresp' },
  CONNECT,
])('ends the connection of one who sends %s', (packet) => {
  expect(connected().pass(packet)).toMatchObject({
    to: 'browser',
    packet: { cmd: 'disconnect' },
    ends: expect.any(String),
  });
});

it('ends the connection of one who begins with anything but CONNECT', () => {
  const subscribe: Packet = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'guaita/#', qos: 0 }] };
  expect(new Gate(OPTIONS).pass(subscribe)).toMatchObject({ to: 'browser', packet: { cmd: 'disconnect' } });
});

test.each([
  ['guaita/device/+/state', true],
  ['guaita/monitor/+/ping/+', true],
  ['guaita/monitor/#', true],
  ['guaita/service/+/+', true],
  ['guaita/serf/member/+', true],
  ['guaita/#', false],
  ['guaita/+/pi-1/assigned/+', false],
  ['guaita/host/#', false],
  ['guaita/host/pi-1/probing', false],
  ['guaita/command/#', false],
  ['guaita/reply/#', false],
  ['guaita', false],
  ['guaita2/device/+/state', false],
  ['#', false],
  ['+/device/+/state', false],
  ['$SYS/#', false],
  ['$share/group/guaita/device/+/state', false],
  ['homeassistant/#', false],
  ['guaita/device/#/x', false],
  ['guaita/device/a\0b', false],
  ['guaita//host', true],
  ['', false],
])('lets a page hear %j: %s', (topic, may) => {
  const packet: Packet = { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic, qos: 2, rh: 1 }] };
  const passage = connected().pass(packet);
  if (may) expect(passage).toMatchObject({ to: 'broker', packet: { subscriptions: [{ topic, qos: 1, rh: 1 }] } });
  else expect(passage).toEqual({ to: 'browser', packet: { cmd: 'suback', messageId: 7, granted: [0x87] } });
});

it('lets all filters of a SUBSCRIBE through, or none', () => {
  const subscriptions = ['guaita/device/+/state', 'guaita/host/#'].map((topic) => ({ topic, qos: 0 as const }));
  expect(connected().pass({ cmd: 'subscribe', messageId: 7, subscriptions })).toMatchObject({ to: 'browser' });
});

it('passes on nothing of a packet but what it is for', () => {
  const properties = { userProperties: { a: 'b' }, sessionExpiryInterval: 100 };
  for (const packet of [
    { cmd: 'disconnect', reasonCode: 4, properties },
    { cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['guaita/device/+/state'], properties },
    { cmd: 'puback', messageId: 3, properties },
    { cmd: 'pingreq' },
  ] as Packet[])
    expect(connected().pass(packet)).not.toHaveProperty('packet.properties');
});
