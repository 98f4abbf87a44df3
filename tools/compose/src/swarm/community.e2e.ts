import { startMosquitto, type Mosquitto } from '@guaita/lab';
import {
  makePublisherProcess,
  startFakeCluster,
  startSerfCommunity,
  type FakeCluster,
  type PublisherProcess,
  type SerfCommunity,
} from '@guaita/serf-publisher/testdata';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRealSwarm, type RealSwarm } from './real-swarm.ts';

/** So soon another node of the community knows what changed here. */
const WITHIN_ms = 5_000;
const TEST_ms = 300_000;

/** From a real Swarm and a double of Kubernetes to another node's list, by three real Serf agents. */
describe('what runs on the microcloud, seen at another node', { timeout: TEST_ms }, () => {
  let swarm: RealSwarm;
  let cluster: FakeCluster;
  let community: SerfCommunity;
  let broker: Mosquitto;
  let service: PublisherProcess;
  const took: string[] = [];

  beforeAll(async () => {
    [swarm, cluster, community, broker] = await Promise.all([
      startRealSwarm(),
      startFakeCluster(),
      startSerfCommunity(),
      startMosquitto(),
    ]);
    service = await makePublisherProcess(broker.url);
  }, TEST_ms);

  afterAll(async () => {
    console.log(took.join('\n'));
    await service.stop();
    await Promise.all([swarm.stop(), cluster.stop(), community.stop(), broker.stop()]);
  }, TEST_ms);

  const start = (): Promise<void> =>
    service.start({
      address: swarm.address,
      docker: { url: swarm.url },
      kubernetes: { kubeconfig: cluster.kubeconfig },
      serf: { agent: community.own.rpc, key: community.key, host: 'pi-1.lab.local' },
    });

  /** Does something, and measures from its end on how long it takes until this stands in the tag, and nothing else. */
  async function known(what: string, change: () => Promise<void>, ...services: readonly string[]): Promise<void> {
    await change();
    const began_ms = performance.now();
    const lines = services.map((line) => line.replace(/ (\d+)$/, ` ${swarm.address}:$1`)).sort();
    await expect.poll(() => community.read()).toEqual(lines);
    const ms = performance.now() - began_ms;
    took.push(`${what}: ${ms.toFixed(0)} ms`);
    expect(ms, what).toBeLessThan(WITHIN_ms);
  }

  it('is the truth within five seconds, whatever comes, changes, goes, or is killed in between', async () => {
    const put = (name: string, published: number): Promise<void> =>
      swarm.put({ name, ports: [{ inside: 80, published }] });
    await put('shop', 30_080);
    await known('the publisher starts', start, 'http shop 30080');
    await known('a Swarm service comes', () => put('wiki', 30_081), 'http shop 30080', 'http wiki 30081');
    await known('it changes its port', () => put('wiki', 30_082), 'http shop 30080', 'http wiki 30082');
    await known(
      'a Kubernetes service comes',
      () => cluster.put({ name: 'radio', ports: [{ inside: 80, published: 30_100 }] }),
      ...['http shop 30080', 'http wiki 30082', 'http radio 30100'],
    );
    await known('a Swarm service goes', () => swarm.remove('wiki'), 'http shop 30080', 'http radio 30100');
    await known('the agent restarts', () => community.restartOwn(), 'http shop 30080', 'http radio 30100');
    await known(
      'both go while the publisher is dead, and others come',
      async () => {
        await service.end('SIGKILL');
        await swarm.remove('shop');
        await cluster.remove('radio');
        await put('chat', 30_083);
        await cluster.put({ name: 'maps', ports: [{ inside: 80, published: 30_101 }] });
        await start();
      },
      ...['http chat 30083', 'http maps 30101'],
    );
    await known(
      'the agent and the publisher are killed',
      async () => {
        await service.end('SIGKILL');
        await community.restartOwn();
        await start();
      },
      ...['http chat 30083', 'http maps 30101'],
    );
    await known(
      'the engine restarts, and a service goes',
      async () => {
        await swarm.restart();
        await swarm.remove('chat');
      },
      'http maps 30101',
    );
    await known('the last goes', () => cluster.remove('maps'));
    expect(service.log).not.toContain(cluster.token);
    expect(service.log).not.toContain(community.key);
  });
});
