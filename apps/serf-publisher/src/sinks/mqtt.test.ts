import { MemoryBroker, MemoryBus, MqttBus, Wire, type Bus } from '@guaita/bus';
import { startMosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels, type FoundService } from '@guaita/messages';
import { NameMemory, RetainedKeeper, systemClock } from '@guaita/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { service } from '../tag/services.testdata.ts';
import { MqttSink } from './mqtt.ts';

/** What another node tells of. */
const OTHERS: FoundService = {
  ...{ type: 'syncthing', name: 'sync', address: '10.0.0.9', port: 22_000, protocol: 'tcp', description: '', txt: {} },
  ...{ node: 'ermita', source: 'serf' },
};

let folder: string;
let releases: (() => Promise<unknown>)[];
/** How many messages came on topics of services. */
let said: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mqtt-sink-'));
  releases = [() => rm(folder, { recursive: true })];
  said = 0;
});
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

async function started<Some extends Bus>(bus: Some): Promise<Some> {
  await bus.start();
  releases.push(() => bus.stop());
  return bus;
}

/** What is kept by the broker, as a newcomer hears it, by the topic's end. */
async function follow(bus: Bus, place = 'guaita/service'): Promise<Map<string, FoundService>> {
  const known = new Map<string, FoundService>();
  await bus.subscribe(`${place}/+/+`, ({ topic, payload }) => {
    said += 1;
    const key = topic.slice(place.length + 1);
    if (payload.length === 0) known.delete(key);
    else known.set(key, channels.foundService.decode(topic, payload));
  });
  return known;
}

/** A publisher's life. */
function life(bus: Bus, mirrors = false) {
  const keepers = Object.entries({ audience: 'guaita/service/+/+', host: 'guaita/host/pi-1/service/+/+' }).map(
    ([name, filter]) => {
      const keeper = new RetainedKeeper({
        ...{ wire: new Wire(bus, () => undefined), clock: systemClock, log: pino({ level: 'silent' }), monitor: 'm1' },
        ...{ name, filters: [filter], onState: () => undefined },
        memory: new NameMemory(join(folder, name)),
      });
      keeper.start();
      releases.push(() => keeper.stop());
      return [name, keeper] as const;
    },
  );
  const { audience, host } = Object.fromEntries(keepers) as Record<'audience' | 'host', RetainedKeeper>;
  const sink = new MqttSink({ audience, host, base: 'guaita', node: 'pi-1', mirrors, onConflicts: () => {} });
  return { sink, stop: () => Promise.all([audience.stop(), host.stop()]) };
}

/** On each broker the same: the double, and Mosquitto. */
const BROKERS: Readonly<Record<string, () => Promise<() => Bus>>> = {
  'in memory': () => {
    const broker = new MemoryBroker();
    return Promise.resolve(() => new MemoryBus(broker));
  },
  mosquitto: async () => {
    const broker = await startMosquitto();
    releases.push(() => broker.stop());
    let count = 0;
    return () => new MqttBus({ url: broker.url, clientId: `c${(count += 1)}`, log: () => {} });
  },
};

describe.each(Object.entries(BROKERS))(
  'services on MQTT, with a broker that is %s',
  { timeout: 120_000 },
  (_, start) => {
    it('are kept with all there is to say, and go with the service', async () => {
      const makeBus = await start();
      const { sink } = life(await started(makeBus()));
      await sink.publish([service({ txt: { b: '2', a: '1' } }), service({ type: 'git', name: 'git' })], true);
      const known = await follow(await started(makeBus()));
      await eventually(() => expect([...known.keys()].sort()).toEqual(['git/git', 'http/web']));
      expect(known.get('http/web')).toEqual({ ...service({ txt: { a: '1', b: '2' } }), node: 'pi-1' });
      const before = said;
      await sink.publish([service({ txt: { a: '1', b: '2' } })], true);
      await eventually(() => expect([...known.keys()]).toEqual(['http/web']));
      expect(said).toBe(before + 1);
    });

    it('that went while nobody told are cleared once all sources have spoken, and not before', async () => {
      const makeBus = await start();
      const first = await started(makeBus());
      const former = life(first);
      await former.sink.publish([service(), service({ name: 'old' })], true);
      const known = await follow(await started(makeBus()));
      await eventually(() => expect(known.size).toBe(2));
      await former.stop();
      await first.stop();
      const { sink } = life(await started(makeBus()));
      await sink.publish([service({ port: 7 })], false);
      await eventually(() => expect(known.get('http/web')?.port).toBe(7));
      expect(known.size).toBe(2);
      await sink.publish([service({ port: 7 })], true);
      await eventually(() => expect([...known.keys()]).toEqual(['http/web']));
    });

    it('of this host stand by themselves as well, for the publishers of other hosts', async () => {
      const makeBus = await start();
      const { sink } = life(await started(makeBus()));
      await sink.publish([service()], true);
      sink.others([{ ...OTHERS, node: 'pi-2', source: 'swarm' }]);
      const ours = await follow(await started(makeBus()), 'guaita/host/pi-1/service');
      const all = await follow(await started(makeBus()));
      await eventually(() => expect([...all.keys()].sort()).toEqual(['http/web', 'syncthing/sync']));
      await eventually(() => expect([...ours]).toEqual([['http/web', { ...service(), node: 'pi-1' }]]));
      await sink.publish([], true);
      await eventually(() => expect([...ours.keys(), ...all.keys()]).toEqual(['syncthing/sync']));
      sink.others([]);
      await eventually(() => expect([...all.keys()]).toEqual([]));
    });

    it('of other nodes stand beside our own, and wait for nothing but themselves', async () => {
      const makeBus = await start();
      const first = await started(makeBus());
      const former = life(first, true);
      former.sink.mirror([{ type: 'syncthing', name: 'sync', service: OTHERS }]);
      await former.sink.publish([service()], true);
      const known = await follow(await started(makeBus()));
      await eventually(() => expect(known.size).toBe(2));
      await former.stop();
      await first.stop();
      const { sink } = life(await started(makeBus()), true);
      await sink.publish([service({ port: 7 })], true);
      await eventually(() => expect(known.get('http/web')?.port).toBe(7));
      expect(known.get('syncthing/sync')).toEqual(OTHERS);
      // Ours go first where two meet.
      const alike = { ...OTHERS, type: 'http', name: 'web' };
      sink.mirror([{ type: 'http', name: 'web', service: alike }]);
      await eventually(() => expect([...known.keys()]).toEqual(['http/web']));
      expect(known.get('http/web')?.port).toBe(7);
      await sink.publish([], true);
      await eventually(() => expect(known.get('http/web')).toEqual(alike));
    });
  },
);
