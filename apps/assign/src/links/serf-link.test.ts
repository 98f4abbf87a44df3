import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import type { LinkMessage } from '@guaita/cluster';
import { eventually } from '@guaita/lab/eventually';
import { channels, type SerfMember } from '@guaita/messages';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SerfLink } from './serf-link.ts';

const AT = '2026-01-01T00:00:00.000Z';

let broker: MemoryBroker;
let invalid: string[];
let wires: Wire[];
let heard: string[];

async function connect(clientId: string): Promise<Wire> {
  const wire = new Wire(new MemoryBus(broker, { clientId }), ({ message }) => void invalid.push(message));
  wires.push(wire);
  await wire.bus.start();
  return wire;
}

async function listen(): Promise<{ link: SerfLink; wire: Wire }> {
  const wire = await connect('assign');
  const link = new SerfLink(wire);
  await link.start(
    {
      heard: (message, stored) => heard.push(`${inShort(message)}${stored ? ', stored' : ''}`),
      connected: (connected) => heard.push(connected ? 'stands' : 'is lost'),
    },
    new AbortController().signal,
  );
  return { link, wire };
}

function inShort(message: LinkMessage): string {
  if (message.kind !== 'life') return message.kind;
  return `${message.monitor} ${message.alive === undefined ? 'withdrawn' : message.alive ? 'alive' : 'dead'}`;
}

function say(wire: Wire, name: string, status: SerfMember['status'], called = name): void {
  const member = { name: called, address: '127.0.0.1', port: 7946, status, since: AT, tags: {} };
  wire.say(channels.serfMember, { name }, member);
}

function publishes(wire: Wire, instance: string, service = 'serf-publisher'): void {
  wire.say(channels.presence, { monitor: 'pi', service, instance }, { state: 'online', at: AT });
}

async function settled(): Promise<string[]> {
  for (const { bus } of wires) if (bus.connected) await bus.flushed();
  return heard.splice(0);
}

beforeEach(() => {
  broker = new MemoryBroker();
  [invalid, wires, heard] = [[], [], []];
});

afterEach(async () => {
  for (const { bus } of wires) await bus.stop();
  expect(invalid).toEqual([]);
});

test('a member that is alive or leaves is alive, one that left or failed is dead, one that is forgotten is withdrawn', async () => {
  const mirror = await connect('mirror');
  const { link } = await listen();
  for (const status of ['alive', 'leaving', 'left', 'failed'] as const) say(mirror, 'two', status);
  mirror.clear(channels.serfMember, { name: 'two' });
  expect(await settled()).toEqual(['two alive', 'two alive', 'two dead', 'two dead', 'two withdrawn']);
  await link.stop();
  say(mirror, 'two', 'alive');
  expect(await settled()).toEqual([]);
});

test('what the broker had kept is told as stored', async () => {
  const mirror = await connect('mirror');
  say(mirror, 'two', 'failed');
  await settled();
  await listen();
  expect(await settled()).toEqual(['two dead, stored']);
});

test('no member speaks for a monitor that is not called exactly as it is', async () => {
  const mirror = await connect('mirror');
  await listen();
  say(mirror, 'two', 'failed', 'Two');
  say(mirror, 'two', 'failed', 'two.');
  say(mirror, 'two', 'alive', ' two');
  expect(await settled()).toEqual(['two withdrawn', 'two withdrawn', 'two withdrawn']);
});

test('it stands while a serf-publisher is present, and is lost with the last one', async () => {
  const mirror = await connect('mirror');
  say(mirror, 'pi', 'alive');
  publishes(mirror, 'a');
  publishes(mirror, 'x', 'ping');
  await settled();
  await listen();
  expect((await settled()).toSorted()).toEqual(['pi alive, stored', 'stands']);
  publishes(mirror, 'a');
  publishes(mirror, 'b');
  mirror.clear(channels.presence, { monitor: 'pi', service: 'serf-publisher', instance: 'a' });
  expect(await settled()).toEqual([]);
  mirror.clear(channels.presence, { monitor: 'pi', service: 'serf-publisher', instance: 'b' });
  mirror.clear(channels.presence, { monitor: 'pi', service: 'serf-publisher', instance: 'b' });
  expect(await settled()).toEqual(['is lost']);
});

test('it does not stand where a serf-publisher tells of no member, for it hears no agent', async () => {
  const mirror = await connect('mirror');
  await listen();
  publishes(mirror, 'a');
  expect(await settled()).toEqual([]);
  say(mirror, 'pi', 'alive');
  say(mirror, 'two', 'alive');
  expect(await settled()).toEqual(['pi alive', 'stands', 'two alive']);
  mirror.clear(channels.serfMember, { name: 'pi' });
  mirror.clear(channels.serfMember, { name: 'two' });
  expect(await settled()).toEqual(['pi withdrawn', 'two withdrawn', 'is lost']);
});

test('it is lost with the connection to the broker, and what went meanwhile is not believed to be there', async () => {
  const mirror = await connect('mirror');
  say(mirror, 'pi', 'alive');
  publishes(mirror, 'a');
  await settled();
  const { wire } = await listen();
  await settled();
  broker.bar('assign');
  await eventually(() => expect(heard.splice(0)).toEqual(['is lost']));
  mirror.clear(channels.presence, { monitor: 'pi', service: 'serf-publisher', instance: 'a' });
  mirror.clear(channels.serfMember, { name: 'pi' });
  await settled();
  broker.admit('assign');
  await eventually(() => expect(wire.bus.connected).toBe(true));
  publishes(mirror, 'b');
  expect(await settled()).toEqual([]);
  say(mirror, 'pi', 'alive');
  expect(await settled()).toEqual(['pi alive', 'stands']);
});

test('it says nothing of ours', async () => {
  const { link, wire } = await listen();
  link.say();
  await wire.bus.flushed();
  expect([...broker.retained.keys()]).toEqual([]);
});
