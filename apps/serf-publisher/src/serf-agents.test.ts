import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MqttBus, Wire } from '@guaita/bus';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { channels } from '@guaita/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSerfCommunity, type SerfCommunity } from './serf-community.testdata.ts';
import { makePublisherProcess, type PublisherProcess } from './service.testdata.ts';
import { startFakeEngine, type FakeEngine } from './sources/swarm/fake-engine.testdata.ts';

const run = promisify(execFile);

/** From an orchestrator to another node's list, by real agents; read there by other programs than ours. */
describe('the service serf-publisher among real Serf agents', { timeout: 300_000 }, () => {
  let broker: Mosquitto;
  let engine: FakeEngine;
  let community: SerfCommunity;
  let service: PublisherProcess;

  beforeEach(async () => {
    [broker, engine, community] = await Promise.all([startMosquitto(), startFakeEngine(), startSerfCommunity()]);
    service = await makePublisherProcess(broker.url);
  });

  afterEach(async () => {
    await service.stop();
    await Promise.all([broker.stop(), engine.stop(), community.stop()]);
  });

  const start = (): Promise<void> =>
    service.start({
      address: '192.0.2.1',
      broker: { port: 1883 },
      docker: { url: engine.url },
      serf: { agent: community.own.rpc, key: community.key, host: 'pi-1.lab.local', microcloud: 'lab' },
    });

  const BROKER = 'mqtt Guaita 192.0.2.1:1883';

  async function until(...services: readonly string[]): Promise<void> {
    await expect.poll(() => community.read()).toEqual([BROKER, ...services].sort());
  }

  it('lets other nodes know what runs, through restarts of all that has a part in it', async () => {
    await engine.put({ name: 'shop', ports: [{ inside: 80, published: 30_080 }] });
    await start();
    await until('http shop 192.0.2.1:30080');
    await engine.put({ name: 'shop', ports: [{ inside: 80, published: 30_090 }] });
    await engine.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
    await until('http shop 192.0.2.1:30090', 'ssh shell 192.0.2.1:30022');

    await service.end('SIGKILL');
    await engine.remove('shop');
    await start();
    await until('ssh shell 192.0.2.1:30022');

    await community.restartOwn();
    await until('ssh shell 192.0.2.1:30022');

    await engine.cut();
    await community.restartOwn();
    await until('ssh shell 192.0.2.1:30022');
    await engine.mend();
    await engine.remove('shell');
    await until();
    expect(service.log).not.toContain(community.key);
  });

  it('tells on MQTT who is in the cluster, and what other nodes tell of', async () => {
    const known = new Map<string, string>();
    const bus = new MqttBus({ url: broker.url, clientId: 'test' });
    const wire = new Wire(bus, (error) => {
      throw error;
    });
    await wire.hear(channels.serfMember, {}, ({ parameters: { name }, value }) => {
      if (value === undefined) known.delete(name);
      else known.set(name, `${value.name} ${value.status} ${JSON.stringify(value.tags)}`);
    });
    await wire.hear(channels.foundService, {}, ({ parameters: { type, name }, value }) => {
      if (value === undefined) known.delete(`${type}/${name}`);
      else known.set(`${type}/${name}`, `${value.address}:${value.port} ${value.node} ${value.source}`);
    });
    await bus.start();
    await start();
    const members = [
      ['pi-1', 'pi-1 alive {}'],
      ['pi-2', 'pi-2 alive {}'],
      ['pi-3', 'pi-3 alive {}'],
    ];
    const own = ['mqtt/guaita-pi-1', '192.0.2.1:1883 pi-1 own'];
    const untilKnown = (...expected: string[][]): Promise<void> =>
      expect.poll(() => [...known].sort()).toEqual([own, ...expected].sort());
    await untilKnown(...members);

    const record = '[{"s":"syncthing","d":"S","m":"x","i":"10.1.2.3","p":"22000","e":"","t":""}]';
    const { stdout: tag } = await run('sh', ['-c', 'printf %s "$0" | bzip2 | base64 -w0', record]);
    await community.run(2, 'tags', '-set', `services=${tag}`, '-set', 'role=router');
    await community.run(1, 'tags', '-set', 'services=broken!');
    const changed = [...members.slice(0, 2), ['pi-3', 'pi-3 alive {"role":"router"}']];
    await untilKnown(...changed, ['syncthing/pi-3-22000', '10.1.2.3:22000 pi-3 serf']);
    await expect.poll(() => service.log).toContain('Serf member \\"pi-2\\": tag \\"services\\": is not base64');

    await service.end('SIGKILL');
    await community.far.kill();
    await start();
    await untilKnown(...members.slice(0, 2), ['pi-3', 'pi-3 failed {"role":"router"}']);
    await bus.stop();
  });

  it('tells of what fits, and says clearly what does not', async () => {
    for (let index = 0; index < 200; index += 1) {
      await engine.put({ name: `web-${100 + index}`, ports: [{ inside: 80, published: 30_000 + index }] });
    }
    await start();
    await expect.poll(async () => (await community.read()).length).toBeGreaterThan(11);
    const told = await community.read();
    expect(told).toContain(BROKER);
    expect(told).toContain('http web-100 192.0.2.1:30000');
    await expect
      .poll(() => service.log)
      .toMatch(/"sink-serf: does not tell of http\/web-.* and \d+ more: the tags of this/);
    const metrics = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    const leftOut = Number(/guaita_serf_publisher_left_out\{sink="serf"\} (\d+)/.exec(metrics)?.[1]);
    expect(leftOut + told.length).toBe(201);
  });

  it('writes the tag no more often than something changes', async () => {
    await engine.put({ name: 'shop', ports: [{ inside: 80, published: 30_080 }] });
    await start();
    await until('http shop 192.0.2.1:30080');
    const updates = (): number => community.far.log.match(/EventMemberUpdate: pi-1/g)?.length ?? 0;
    // What was told already is in the agent's log by then.
    await pause(2_000);
    const before = updates();
    const bus = new MqttBus({ url: broker.url, clientId: 'test' });
    await bus.start();
    const wire = new Wire(bus, () => undefined);
    // The same service again and again, with another label of somebody else's.
    for (let round = 0; round < 10; round += 1) {
      await engine.put({ name: 'shop', ports: [{ inside: 80, published: 30_080 }], labels: { round: String(round) } });
      await pause(700);
    }
    expect(updates()).toBe(before);
    const announced = { type: 'git', name: 'code', port: 9418, protocol: 'tcp', description: '', txt: {} } as const;
    wire.say(channels.addService, {}, announced);
    await until('git code 192.0.2.1:9418', 'http shop 192.0.2.1:30080');
    await expect.poll(updates).toBe(before + 1);
    await bus.stop();
  });
});
