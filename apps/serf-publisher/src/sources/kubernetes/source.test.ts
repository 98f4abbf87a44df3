import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceContract } from '../contract/contract.ts';
import { Recorder } from '../contract/recorder.ts';
import type { Source } from '../source.ts';
import { startFakeCluster, type FakeCluster } from './fake-cluster.testdata.ts';

sourceContract('a double of a Kubernetes API server', startFakeCluster);

const WEB = 'http web 192.0.2.1:30080';
const SHELL = 'ssh shell 192.0.2.1:30022';

describe('a source of Kubernetes Services', () => {
  let cluster: FakeCluster;
  let source: Source;
  let told: Recorder;

  beforeEach(async () => {
    cluster = await startFakeCluster();
    source = cluster.makeSource();
    told = new Recorder();
    await putWeb();
  });

  afterEach(async () => {
    await source.stop();
    await cluster.stop();
  });

  const putWeb = (): Promise<void> => cluster.put({ name: 'web', ports: [{ inside: 80, published: 30_080 }] });
  const putShell = (): Promise<void> => cluster.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });

  async function until(...lines: readonly string[]): Promise<void> {
    await eventually(() => expect(told.now).toEqual(lines));
  }

  async function startAndWatch(): Promise<void> {
    await source.start(told);
    await until(WEB);
    await eventually(() => expect(cluster.watchers).toBe(1));
  }

  it('reads long lists in pages, and tells nothing before the last', async () => {
    for (let index = 0; index < 25; index += 1) {
      await cluster.put({ name: `s-${10 + index}`, ports: [{ inside: 80, published: 30_100 + index }] });
    }
    cluster.pageSize = 10;
    await source.start(told);
    await eventually(() => expect(told.said.length).toBeGreaterThan(0));
    expect(told.said[0]).toHaveLength(26);
  });

  it('begins the list anew where its versions are too old for the next page', async () => {
    await putShell();
    cluster.pageSize = 1;
    cluster.api.fault(/continue/, {
      kind: 'refuse',
      status: 410,
      body: JSON.stringify({ kind: 'Status', message: 'The provided continue parameter is too old', code: 410 }),
    });
    await source.start(told);
    await until(WEB, SHELL);
  });

  it('tells what happens between the list and the watch', async () => {
    cluster.api.fault(/watch=true/, { kind: 'refuse', status: 503, body: 'starting' });
    await source.start(told);
    await until(WEB);
    await cluster.remove('web');
    await putShell();
    await until(SHELL);
  });

  it('goes on through bookmarks', async () => {
    await startAndWatch();
    cluster.bookmark();
    await putShell();
    cluster.bookmark();
    await until(WEB, SHELL);
    expect(told.failures).toEqual([]);
    expect(cluster.api.requests.at(-1)).toContain('allowWatchBookmarks=true');
  });

  it('lists again where a version is too old, without a word of failure', async () => {
    await startAndWatch();
    await cluster.cut();
    await cluster.remove('web');
    await putShell();
    cluster.compact();
    await cluster.mend();
    await until(SHELL);
    told.failures.length = 0;
    await eventually(() => expect(cluster.watchers).toBe(1));
    cluster.sayText('{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}\n');
    const lists = cluster.api.requests.length;
    await eventually(() => expect(cluster.api.requests.length).toBeGreaterThan(lists + 1));
    await putWeb();
    await until(WEB, SHELL);
    expect(told.failures).toEqual([]);
  });

  it('lists again after each watch that the server ends, so that nothing stays that was lost', async () => {
    await startAndWatch();
    for (let round = 0; round < 3; round += 1) {
      const lists = cluster.api.requests.filter((path) => path.includes('limit=')).length;
      await eventually(() => expect(cluster.watchers).toBe(1));
      cluster.endWatches();
      await eventually(() =>
        expect(cluster.api.requests.filter((path) => path.includes('limit=')).length).toBeGreaterThan(lists),
      );
    }
    await cluster.remove('web');
    await until();
    expect(told.failures).toEqual([]);
  });

  it('tells that a watch broke, keeps what it had, and lists again', async () => {
    await startAndWatch();
    cluster.breakWatches();
    await eventually(() => expect(told.failures).toHaveLength(1));
    expect(told.failures[0]?.message).toMatch(
      /GET \/api\/v1\/services was cut off \(ECONNRESET\); see that the API server/,
    );
    expect(told.now).toEqual([WEB]);
    await cluster.remove('web');
    await until();
  });

  it.each([
    ['is torn', '{"type":"ADDED","obj', /gave the end in the middle of a message/],
    ['is no JSON', '<html>\n', /gave what is not JSON/],
    ['is no event', '{"type":"PARTY"}\n', /gave a watch what is no event/],
    [
      'is an error',
      '{"type":"ERROR","object":{"code":500,"message":"etcd\\n is gone"}}\n',
      /ended its watch: etcd is gone; see that the API server/,
    ],
  ])('begins anew where what a watch says %s', async (_what, text, message) => {
    await startAndWatch();
    cluster.sayText(text);
    cluster.endWatches();
    await eventually(() => expect(told.failures).toHaveLength(1));
    expect(told.failures[0]?.message).toMatch(message);
    await putShell();
    await until(WEB, SHELL);
  });

  it.each([
    ['half a list', { kind: 'tear' }, /was cut off \(ECONNRESET\)/],
    ['no JSON', { kind: 'babble', body: 'hello' }, /gave what is not JSON/],
    ['no list', { kind: 'babble', body: '{"kind":"Pod"}' }, /gave what is not expected \(metadata: /],
    [
      'an error',
      { kind: 'refuse', status: 500, body: '{"message":"etcd is gone"}' },
      /was refused \(500\): etcd is gone/,
    ],
  ] as const)('gets over %s, and tells of it', async (_what, fault, message) => {
    cluster.api.fault(/limit=/, fault);
    await source.start(told);
    await until(WEB);
    expect(told.failures.map((failure) => failure.message)).toEqual([expect.stringMatching(message)]);
  });

  it('reads what comes some bytes at a time, lists and watches', async () => {
    cluster.api.fault(/limit=/, { kind: 'dribble' });
    cluster.api.fault(/watch=true/, { kind: 'dribble' });
    await startAndWatch();
    await putShell();
    await until(WEB, SHELL);
    expect([told.failures, cluster.api.faultsLeft]).toEqual([[], 0]);
  });

  it('moves a service to its load balancer once that has an address, and back when it has none', async () => {
    const balanced = (ingress: readonly object[]) =>
      cluster.putRaw('web', 'default', {
        spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_080, protocol: 'TCP' }] },
        status: { loadBalancer: { ingress } },
      });
    balanced([]);
    await startAndWatch();
    balanced([{ ip: '203.0.113.7' }]);
    await until('http web 203.0.113.7:80');
    balanced([]);
    await until(WEB);
    for (const lines of told.since(0)) expect(lines).toHaveLength(1);
  });

  it('tells the others where one Service cannot be read, and how many cannot', async () => {
    cluster.putRaw('odd', 'default', { spec: { type: 'NodePort', ports: [{ port: 'eighty' }] } });
    await startAndWatch();
    expect(told.remarks).toEqual([
      expect.stringMatching(/^Kubernetes at .*: 1 services are not told, as .*; see "kubectl/),
    ]);
    await putShell();
    await until(WEB, SHELL);
  });

  it('looks at the namespaces that are wanted, and tells nothing before it knows all of them', async () => {
    cluster.putRaw('db', 'shop', nodePort(30_001));
    cluster.putRaw('db', 'lab', nodePort(30_002));
    source = cluster.makeSource({ namespaces: ['shop', 'lab'] });
    await source.start(told);
    await until('postgresql db.lab 192.0.2.1:30002', 'postgresql db.shop 192.0.2.1:30001');
    expect(told.said[0]).toHaveLength(2);
    await cluster.remove('db', 'lab');
    await until('postgresql db.shop 192.0.2.1:30001');
  });

  it('follows all namespaces anew where one breaks, and leaves none of the old watches open', async () => {
    cluster.putRaw('db', 'shop', nodePort(30_001));
    source = cluster.makeSource({ namespaces: ['shop', 'lab'] });
    await source.start(told);
    await eventually(() => expect(cluster.watchers).toBe(2));
    for (let round = 1; round <= 2; round += 1) {
      cluster.breakWatches('lab');
      await eventually(() => expect(told.failures).toHaveLength(round));
      await eventually(() => expect([cluster.watchers, cluster.connections()]).toEqual([2, 2]));
    }
    cluster.putRaw('db', 'lab', nodePort(30_002));
    await cluster.remove('db', 'shop');
    await until('postgresql db.lab 192.0.2.1:30002');
  });

  it('stops while the server hangs', async () => {
    cluster.api.fault(/limit=/, { kind: 'hang' });
    await source.start(told);
    await eventually(() => expect(cluster.api.faultsLeft).toBe(0));
    await source.stop();
    await eventually(() => expect(cluster.connections()).toBe(0));
    expect(told.failures).toEqual([]);
  });

  it('shows no token, even where the server does', async () => {
    cluster.expectedToken = 'another';
    await source.start(told);
    await eventually(() => expect(told.failures.length).toBeGreaterThan(0));
    expect(told.failures[0]?.message).toMatch(
      /was refused \(401\): Unauthorized: \[secret\]; renew the token or certificate/,
    );
    expect(everythingIn(told.failures)).not.toContain(cluster.token);
    cluster.expectedToken = cluster.token;
    await until(WEB);
  });
});

function nodePort(port: number): { spec: object } {
  return { spec: { type: 'NodePort', ports: [{ port: 5432, nodePort: port, protocol: 'TCP' }] } };
}

/** All that a log could show of errors. */
function everythingIn(errors: readonly unknown[]): string {
  return errors
    .map((error) =>
      error instanceof Error ? `${error.stack} ${JSON.stringify(error)} ${everythingIn([error.cause])}` : String(error),
    )
    .join('\n');
}
