import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MqttBus, Wire } from '@guaita/bus';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { channels } from '@guaita/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePublisherProcess, type PublisherProcess } from './service.testdata.ts';
import { startFakeCluster, type FakeCluster } from './sources/kubernetes/fake-cluster.testdata.ts';
import { startFakeEngine, type FakeEngine } from './sources/swarm/fake-engine.testdata.ts';

/** At a real broker, with doubles of the orchestrators. */
describe('the service serf-publisher', { timeout: 240_000 }, () => {
  let broker: Mosquitto;
  let engine: FakeEngine;
  let cluster: FakeCluster;
  let bus: MqttBus;
  let wire: Wire;
  let service: PublisherProcess;
  /** What the broker keeps: `type name address:port source`. */
  const known = new Map<string, string>();
  /** Each word on those topics. */
  let words: string[];

  beforeEach(async () => {
    [broker, engine, cluster] = await Promise.all([startMosquitto(), startFakeEngine(), startFakeCluster()]);
    service = await makePublisherProcess(broker.url);
    words = [];
    known.clear();
    bus = new MqttBus({ url: broker.url, clientId: 'test' });
    wire = new Wire(bus, (error) => {
      throw error;
    });
    await wire.hear(channels.foundService, {}, ({ parameters: { type, name }, value }) => {
      words.push(`${type} ${name}${value === undefined ? ' gone' : ''}`);
      if (value === undefined) known.delete(`${type}/${name}`);
      else known.set(`${type}/${name}`, `${type} ${name} ${value.address}:${value.port} ${value.source}`);
    });
    await bus.start();
  });

  afterEach(async () => {
    await service.stop();
    await bus.stop();
    await Promise.all([broker.stop(), engine.stop(), cluster.stop()]);
  });

  const start = (): Promise<void> =>
    service.start({
      address: '192.0.2.1',
      page: { port: 7480 },
      broker: { port: 1883 },
      docker: { url: engine.url },
      kubernetes: { kubeconfig: cluster.kubeconfig },
    });

  async function until(...expected: readonly string[]): Promise<void> {
    await expect.poll(() => [...known.values()].sort()).toEqual([...OWN, ...expected].sort());
  }

  const OWN = ['http guaita-pi-1 192.0.2.1:7480 own', 'mqtt guaita-pi-1 192.0.2.1:1883 own'];

  it('tells what runs anywhere, what is announced, and itself; and withdraws what went while it was killed', async () => {
    await engine.put({ name: 'shop', ports: [{ inside: 80, published: 30_080 }] });
    await cluster.put({ name: 'wiki', ports: [{ inside: 80, published: 30_081 }] });
    await start();
    await until('http shop 192.0.2.1:30080 swarm', 'http wiki 192.0.2.1:30081 kubernetes');
    const announced = { type: 'git', name: 'code', port: 9418, protocol: 'tcp', description: '', txt: {} } as const;
    wire.say(channels.addService, {}, announced);
    await engine.put({ name: 'shop', ports: [{ inside: 80, published: 30_090 }] });
    await until(
      ...['git code 192.0.2.1:9418 announcements', 'http shop 192.0.2.1:30090 swarm'],
      'http wiki 192.0.2.1:30081 kubernetes',
    );

    await service.end('SIGKILL');
    await engine.remove('shop');
    await cluster.remove('wiki');
    await cluster.put({ name: 'radio', ports: [{ inside: 8000, published: 30_082 }] });
    words = [];
    await start();
    await until('git code 192.0.2.1:9418 announcements', 'http radio 192.0.2.1:30082 kubernetes');
    for (const stays of ['git code', 'http guaita-pi-1', 'mqtt guaita-pi-1'])
      expect(words).not.toContain(`${stays} gone`);
    expect(service.log).not.toContain(cluster.token);
  });

  it('withdraws nothing while an orchestrator is away, and says so in its health, though it is well', async () => {
    await engine.put({ name: 'shop', ports: [{ inside: 80, published: 30_080 }] });
    await start();
    await until('http shop 192.0.2.1:30080 swarm');
    expect(await service.end('SIGTERM')).toBe(0);
    await until('http shop 192.0.2.1:30080 swarm');

    await engine.cut();
    words = [];
    await start();
    const health = async (): Promise<{ ok: boolean; parts: Record<string, { detail: string }> }> => {
      const answer = await fetch(`http://127.0.0.1:${service.httpPort}/healthz`).catch(() => undefined);
      return (await answer?.json()) as never;
    };
    await expect
      .poll(async () => (await health())?.parts?.['serf-publisher/source-swarm']?.detail)
      .toMatch(/^Docker at unix:.*ENOENT.*; start Docker there, .* \(what it had still counts\)$/);
    expect((await health()).ok).toBe(true);
    await cluster.put({ name: 'wiki', ports: [{ inside: 80, published: 30_081 }] });
    await until('http shop 192.0.2.1:30080 swarm', 'http wiki 192.0.2.1:30081 kubernetes');
    expect(words).not.toContain('http shop gone');
    await engine.mend();
    await engine.remove('shop');
    await until('http wiki 192.0.2.1:30081 kubernetes');
    expect(words).toContain('http shop gone');
  });
});

it('does not load the client of Kubernetes, which is large, where nobody wants it', async () => {
  const index = new URL('./index.ts', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const asked = [];
    registerHooks({ resolve: (name, context, next) => { asked.push(name); return next(name, context); } });
    await import(${JSON.stringify(index)});
    console.log(JSON.stringify(asked));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  const asked = JSON.parse(stdout) as string[];
  expect(asked).toContain('./sources/kubernetes/source.ts');
  expect(asked.filter((name) => name.startsWith('@kubernetes/'))).toEqual([]);
});
