import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Authority, bridgesConnected } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { peerUser } from '@guaita/site';
import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTS, makeSecrets, SiteBrokers, type HostName } from './site-brokers.testdata.ts';

/** MQTT 5 §3.4.2.1. */
const NOT_AUTHORISED = 0x87;
/** More than Mosquitto queues unless it is told to. */
const MANY = 5_000;
/** A bridge tries again after 1 to 10 s; how long one is watched that must not come. */
const REFUSED_ms = 12_000;

let site: SiteBrokers;

beforeAll(async () => {
  site = await SiteBrokers.make();
  await site.start();
  await bridgesConnected(new Map(Object.entries(site.brokers)));
});
afterAll(() => site.stop());

/** All that somebody hears, as `topic payload`. */
async function listen(client: MqttClient, filter: string): Promise<{ said: string[]; packets: IPublishPacket[] }> {
  const [said, packets]: [string[], IPublishPacket[]] = [[], []];
  client.on('message', (topic, payload, packet) => {
    said.push(`${topic} ${payload.toString()}`);
    packets.push(packet);
  });
  await client.subscribeAsync(filter, { qos: 1 });
  return { said, packets };
}

/** Says something retained, as a service of a host. */
function say(client: MqttClient, topic: string, payload: string): Promise<unknown> {
  return client.publishAsync(topic, payload, { qos: 1, retain: true });
}

describe('three bridged brokers', () => {
  test('each give the others exactly what its own monitor says to all, once, with its expiry', async () => {
    const heard = new Map<HostName, Awaited<ReturnType<typeof listen>>>();
    for (const host of HOSTS) heard.set(host, await listen(await site.connect(host, 'watch'), 'guaita/#'));
    for (const host of HOSTS) {
      const [ping, assign] = [await site.connect(host, 'ping'), await site.connect(host, 'assign')];
      const properties = { messageExpiryInterval: 600 };
      await ping.publishAsync(`guaita/monitor/${host}/ping/router`, host, { qos: 1, retain: true, properties });
      await say(ping, `guaita/host/${host}/probing`, host);
      await say(assign, `guaita/cluster/${host}`, host);
      // What was said before has gone the same way before it.
      await say(assign, `guaita/monitor/${host}/status`, 'last');
    }
    for (const host of HOSTS) {
      const { said = [], packets = [] } = heard.get(host) ?? {};
      await eventually(() => expect(said.filter((each) => each.endsWith(' last'))).toHaveLength(3));
      const own = [`guaita/host/${host}/probing ${host}`, `guaita/cluster/${host} ${host}`];
      const ofAll = HOSTS.flatMap((each) => [
        `guaita/monitor/${each}/ping/router ${each}`,
        `guaita/monitor/${each}/status last`,
      ]);
      expect(said.toSorted()).toEqual([...own, ...ofAll].toSorted());
      for (const { topic, properties } of packets.filter((each) => each.topic.endsWith('/ping/router'))) {
        expect(properties?.messageExpiryInterval, topic).toBeGreaterThan(0);
      }
    }
  });

  test('let nobody in without a user, with a wrong password, or in the clear', async () => {
    for (const options of [{ username: undefined, password: undefined }, { password: 'wrong' }, { username: 'eve' }]) {
      await expect(site.connect('pi-1', 'watch', options as object)).rejects.toThrow(/authori[sz]ed/i);
      await expect(site.connect('pi-1', 'ping', options as object)).rejects.toThrow(/authori[sz]ed/i);
    }
    const plain = site.brokers['pi-1'].url.replace('mqtts:', 'mqtt:');
    await expect(connectAsync(plain, { protocolVersion: 5, reconnectPeriod: 0 })).rejects.toThrow();
  });

  test.each([
    ['ping', 'guaita/monitor/pi-1/ping/switch'],
    ['assign', 'guaita/monitor/pi-1/claims/7'],
    // What a monitor left that is forgotten.
    ['assign', 'guaita/monitor/pi-9/status'],
    ['assign', 'guaita/monitor/pi-9/receivers'],
    ['assign', 'guaita/cluster/pi-2'],
    ['alert', 'guaita/alert-open/0123'],
    ['storage', 'guaita/command/probe'],
    ['operator', 'guaita/command/silence/add'],
    ['peer-pi-2', 'guaita/monitor/pi-2/ping/switch'],
  ])('let %s write %s at pi-1', async (user, topic) => {
    const client = await site.connect('pi-1', user);
    await expect(client.publishAsync(topic, 'x', { qos: 1 })).resolves.toBeDefined();
  });

  test.each([
    ['ping', 'guaita/monitor/pi-2/ping/switch'],
    ['ping', 'guaita/host/pi-2/probing'],
    ['ping', 'guaita/monitor/pi-1/snmp/switch'],
    ['ping', 'guaita/monitor/pi-2/service/ping'],
    ['assign', 'guaita/monitor/pi-2/ping/switch'],
    ['assign', 'guaita/monitor/pi-2/wants/pi-1'],
    ['alert', 'guaita/monitor/pi-2/sent/0123'],
    ['storage', 'guaita/monitor/pi-2/disk'],
    ['watch', 'guaita/command/probe'],
    ['watch', 'guaita/monitor/pi-1/ping/switch'],
    ['operator', 'guaita/monitor/pi-1/ping/switch'],
    ['operator', 'guaita/cluster/pi-1'],
    ['operator', 'guaita/reply/operator/1'],
    ['peer-pi-2', 'guaita/monitor/pi-3/ping/switch'],
    ['peer-pi-2', 'guaita/monitor/pi-1/ping/switch'],
    ['peer-pi-2', 'guaita/host/pi-2/probing'],
    ['peer-pi-2', 'guaita/command/probe'],
    // It comes in nowhere but at its peers.
    ['peer-pi-1', 'guaita/monitor/pi-1/ping/switch'],
  ])('keep %s from writing %s at pi-1', async (user, topic) => {
    const client = await site.connect('pi-1', user);
    await expect(client.publishAsync(topic, 'x', { qos: 1 })).rejects.toMatchObject({ code: NOT_AUTHORISED });
  });

  test('let a peer read nothing, and an operator read what it is answered', async () => {
    const [peer, operator] = [await site.connect('pi-1', 'peer-pi-2'), await site.connect('pi-1', 'operator')];
    const [spied, heard] = [await listen(peer, '#'), await listen(operator, 'guaita/reply/operator/#')];
    const alert = await site.connect('pi-1', 'alert');
    await alert.publishAsync('guaita/reply/operator/7', 'done', { qos: 1 });
    await eventually(() => expect(heard.said).toEqual(['guaita/reply/operator/7 done']));
    expect(spied.said).toEqual([]);
  });

  test('give a peer that was frozen all that was said meanwhile, in order', async () => {
    const { 'pi-2': frozen } = site.brokers;
    const heard = await listen(await site.connect('pi-2', 'watch'), 'guaita/monitor/pi-1/ping/frozen');
    frozen.freeze();
    const ping = await site.connect('pi-1', 'ping');
    const numbers = Array.from({ length: MANY }, (_, n) => String(n));
    await Promise.all(numbers.map((n) => ping.publishAsync('guaita/monitor/pi-1/ping/frozen', n, { qos: 1 })));
    frozen.thaw();
    await eventually(() => expect(heard.said.at(-1)).toMatch(/ 4999$/));
    // What was under way may come twice (QoS 1).
    const [first] = [[...new Set(heard.said)]];
    expect(first.map((each) => each.split(' ').at(-1))).toEqual(numbers);
  });

  test('give a peer that lost its disk everything again', async () => {
    const { 'pi-3': lost } = site.brokers;
    const ping = await site.connect('pi-1', 'ping');
    const topics = Array.from({ length: MANY }, (_, n) => `guaita/monitor/pi-1/ping/d${n}`);
    await Promise.all(topics.map((topic) => say(ping, topic, 'kept')));
    await lost.halt('SIGKILL');
    await lost.loseDisk();
    await lost.start();
    const heard = await listen(await site.connect('pi-3', 'watch'), 'guaita/monitor/pi-1/ping/+');
    await eventually(() => {
      const names = new Set(heard.said.filter((each) => each.endsWith(' kept')));
      expect(names.size).toBe(MANY);
    });
  });

  test('do not believe a peer whose certificate another authority has signed', async () => {
    const { 'pi-1': speaker, 'pi-2': stranger } = site.brokers;
    const others = join(site.folder, 'others');
    await mkdir(others);
    await makeSecrets(join(others, 'secrets'), await Authority.make(others));
    await stranger.halt();
    await stranger.start(join(others, 'secrets'));
    const before = speaker.log.length;
    const ping = await site.connect('pi-1', 'ping');
    await say(ping, 'guaita/monitor/pi-1/ping/secret', 'x');
    // By a service, which comes by the socket and so asks for no certificate.
    const heard = await listen(await site.connect('pi-2', 'storage'), 'guaita/monitor/pi-1/ping/secret');
    await eventually(() => expect(speaker.log.slice(before)).toMatch(/certificate verify failed/));
    await pause(REFUSED_ms);
    expect(heard.said).toEqual([]);
    await expect(site.connect('pi-2', peerUser('pi-1'))).rejects.toThrow(/certificate/);
    await stranger.halt();
    await stranger.start();
    const again = await listen(await site.connect('pi-2', 'watch'), 'guaita/monitor/pi-1/ping/secret');
    await eventually(() => expect(again.said).toContain('guaita/monitor/pi-1/ping/secret x'));
  });
});
