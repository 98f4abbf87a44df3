import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceContract } from '../contract/contract.ts';
import { Recorder } from '../contract/recorder.ts';
import type { Source } from '../source.ts';
import { startFakeEngine, type FakeEngine } from './fake-engine.testdata.ts';

sourceContract('a double of a Docker engine', startFakeEngine);

describe('a source of a Docker Swarm', () => {
  let engine: FakeEngine;
  let source: Source;
  let told: Recorder;

  beforeEach(async () => {
    engine = await startFakeEngine();
    source = engine.makeSource();
    told = new Recorder();
    await engine.put({ name: 'web', ports: [{ inside: 80, published: 30_080 }] });
  });

  afterEach(async () => {
    await source.stop();
    await engine.stop();
  });

  async function until(...lines: readonly string[]): Promise<void> {
    await eventually(() => expect(told.now).toEqual(lines));
  }

  it('asks in the version that both know', async () => {
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    expect(engine.api.requests.slice(1).every((path) => path.startsWith('/v1.41/'))).toBe(true);
  });

  it('listens before it asks: what happens in between is heard', async () => {
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    const paths = engine.api.requests.map((path) => path.split('?')[0]);
    expect(paths.indexOf('/v1.41/events')).toBeLessThan(paths.indexOf('/v1.41/services'));
  });

  it('asks once for what comes in a bunch, and not at all for containers that are no service’s', async () => {
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    const lists = (): number => engine.api.requests.filter((path) => path.endsWith('/services')).length;
    const before = lists();
    for (let count = 0; count < 50; count += 1) {
      engine.say({ Type: 'container', Action: 'start', Actor: { ID: 'c', Attributes: { image: 'x' } } });
    }
    for (let count = 0; count < 50; count += 1) engine.say({ Type: 'service', Action: 'update', Actor: { ID: 's' } });
    await engine.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
    await until('http web 192.0.2.1:30080', 'ssh shell 192.0.2.1:30022');
    expect(lists() - before).toBeLessThanOrEqual(3);
  });

  it.each([
    ['half a list', /\/services$/, { kind: 'tear' }, /GET \/v1\.41\/services was cut off .*; see that Docker is well/],
    ['no JSON', /\/services$/, { kind: 'babble', body: '<html>' }, /services gave what is not JSON; /],
    [
      'JSON of something else',
      /\/services$/,
      { kind: 'babble', body: '[{"ID": 7}]' },
      /services gave what is not expected \(0\.ID: .*\); /,
    ],
    ['an older idea of itself', /version/, { kind: 'babble', body: '{}' }, /GET \/version gave what is not expected/],
    [
      'an error',
      /\/services$/,
      { kind: 'refuse', status: 500, body: '{"message":"raft:\\n no leader"}' },
      /services was refused \(500\): raft: no leader; see that Docker is well/,
    ],
    [
      'an error of a proxy',
      /\/events/,
      { kind: 'refuse', status: 403, body: 'Forbidden' },
      /events was refused \(403\): Forbidden; let it in/,
    ],
  ] as const)('gets over %s, and tells of it', async (_what, path, fault, message) => {
    engine.api.fault(path, fault);
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    expect(told.failures.map((failure) => failure.message)).toEqual([expect.stringMatching(message)]);
    await eventually(() => expect(engine.listeners).toBe(1));
  });

  it.each([
    ['is torn', '{"Type":"serv', true],
    ['is no JSON', 'hello\n', false],
  ])('begins anew where an event %s', async (_what, text, isEnd) => {
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    await eventually(() => expect(engine.listeners).toBe(1));
    engine.sayText(text);
    if (isEnd) engine.hangUp();
    await eventually(() => expect(told.failures).toHaveLength(1));
    expect(told.failures[0]?.message).toMatch(/events gave (the end in the middle of a message|what is not JSON); /);
    await eventually(() => expect(engine.listeners).toBe(1));
    await engine.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
    await until('http web 192.0.2.1:30080', 'ssh shell 192.0.2.1:30022');
  });

  it('reads what comes some bytes at a time, lists and events', async () => {
    engine.api.fault(/services/, { kind: 'dribble' });
    engine.api.fault(/events/, { kind: 'dribble' });
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    await engine.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
    await until('http web 192.0.2.1:30080', 'ssh shell 192.0.2.1:30022');
    expect([told.failures, engine.api.faultsLeft]).toEqual([[], 0]);
  });

  it('takes no harm from events of kinds that it does not know', async () => {
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    for (const event of ['null\n', '[]\n', '7\n', '{"Type":7}\n', '\n']) engine.sayText(event);
    await engine.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
    await until('http web 192.0.2.1:30080', 'ssh shell 192.0.2.1:30022');
    expect(told.failures).toEqual([]);
  });

  it('listens again, without a word of failure, where the engine ends the stream in good order', async () => {
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    await eventually(() => expect(engine.listeners).toBe(1));
    engine.hangUp();
    await engine.remove('web');
    await until();
    expect(told.failures).toEqual([]);
  });

  it('says whom to ask where the engine manages no Swarm, and keeps what it had', async () => {
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    engine.managesSwarm = false;
    await engine.remove('web');
    await eventually(() => expect(told.failures.length).toBeGreaterThan(1));
    expect(told.failures[0]?.message).toMatch(
      /services was refused \(503\): This node is not a swarm manager\.; let serf-publisher ask a manager/,
    );
    expect(told.now).toEqual(['http web 192.0.2.1:30080']);
    engine.managesSwarm = true;
    await until();
  });

  it('stops while the engine hangs', async () => {
    engine.api.fault(/services/, { kind: 'hang' });
    await source.start(told);
    await eventually(() => expect(engine.api.faultsLeft).toBe(0));
    await source.stop();
    await eventually(() => expect(engine.connections()).toBe(0));
    expect(told.failures).toEqual([]);
  });

  it('follows ports of mode host to where their tasks run', async () => {
    const port = { Protocol: 'tcp', TargetPort: 8080, PublishedPort: 30_081, PublishMode: 'host' };
    const id = engine.putRaw('local', { Name: 'local', EndpointSpec: { Ports: [port] } }, [port]);
    await source.start(told);
    await until('http web 192.0.2.1:30080');
    engine.tasks = [{ ServiceID: id, NodeID: 'node-2', Status: { State: 'running', PortStatus: { Ports: [port] } } }];
    // No event tells of tasks at other nodes.
    await until('http local 192.0.2.2:30081', 'http web 192.0.2.1:30080');
    engine.tasks = [];
    engine.say({
      Type: 'container',
      Action: 'die',
      Actor: { ID: 'c', Attributes: { 'com.docker.swarm.service.id': id } },
    });
    await until('http web 192.0.2.1:30080');
  });
});
