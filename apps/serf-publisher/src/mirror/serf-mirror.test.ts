import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { startSerfAgent, type SerfAgent } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { SerfClient, SerfError, type EventListener } from '@guaita/serf';
import { ManualClock, systemClock } from '@guaita/service';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SerfTagSink } from '../sinks/serf-tag.ts';
import { pack } from '../tag/packing.ts';
import { HOST, service } from '../tag/services.testdata.ts';
import type { MirroredService } from './members-services.ts';
import { SerfMirror } from './serf-mirror.ts';

/** Agents take some seconds to find that one is gone; a loaded machine may take a minute. */
const PATIENCE_ms = 60_000;

describe('the mirror of real Serf agents', { timeout: 3 * PATIENCE_ms }, () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function agent(name: string): Promise<{ agent: SerfAgent; client: SerfClient }> {
    const started = await startSerfAgent({ name });
    ends.push(() => started.stop());
    const client = new SerfClient({ address: started.rpc });
    client.start();
    ends.push(() => client.stop());
    return { agent: started, client };
  }

  /** What stands on MQTT, and what is handed on. */
  function mirror(client: SerfClient, onTagLost = () => {}) {
    const topics = new Map<string, { status: string; tags: Record<string, string>; since: string }>();
    let services: readonly MirroredService[] = [];
    const purge = vi.fn();
    const running = new SerfMirror({
      agent: client,
      clock: systemClock,
      keeper: {
        replace: (wanted) => {
          topics.clear();
          for (const [topic, payload] of wanted) topics.set(topic, JSON.parse(payload));
        },
        purge,
      },
      base: 'guaita',
      onServices: (all) => (services = all),
      onTagLost,
      onAnswers: () => {},
      onTrouble: () => {},
    });
    running.start();
    ends.push(() => running.stop());
    return { topics, services: () => services.map(({ type, name }) => `${type}/${name}`), purge };
  }

  it('tells who is there, what they tell of, and who is gone', async () => {
    const ada = await agent('Ada');
    const bob = await agent('bob');
    const { topics, services, purge } = mirror(ada.client);
    await eventually(() => expect([...topics.keys()]).toEqual(['guaita/serf/member/ada']));
    expect(purge).toHaveBeenCalled();
    const record = { s: 'syncthing', d: 'S', m: 'bob.local', i: '10.1.2.3', p: '22000', e: '', t: '' };
    await bob.client.tags({ set: { services: pack([record]), role: 'router' } });
    await ada.client.join([bob.agent.gossip]);
    await eventually(() => expect(services()).toEqual(['syncthing/bob-22000']));
    expect(topics.get('guaita/serf/member/bob')).toMatchObject({ status: 'alive', tags: { role: 'router' } });
    await bob.agent.kill();
    await eventually(() => expect(topics.get('guaita/serf/member/bob')).toMatchObject({ status: 'failed' }));
    expect(services()).toEqual([]);
    await ada.client.forceLeave('bob', { prune: true });
    await eventually(() => expect([...topics.keys()]).toEqual(['guaita/serf/member/ada']));
  });

  it('tells of nobody while the agent is away, and keeps the services that others told of', async () => {
    const ada = await agent('ada');
    const bob = await agent('bob');
    await ada.client.join([bob.agent.gossip]);
    const record = { s: 'syncthing', d: 'S', m: 'bob.local', i: '10.1.2.3', p: '22000', e: '', t: '' };
    await bob.client.tags({ set: { services: pack([record]) } });
    const { topics, services } = mirror(ada.client);
    await eventually(() => expect(topics.size).toBe(2));
    await eventually(() => expect(services()).toEqual(['syncthing/bob-22000']));
    await ada.agent.kill();
    await eventually(() => expect(topics.size).toBe(0));
    expect(services()).toEqual(['syncthing/bob-22000']);
    await ada.agent.restart();
    await eventually(() => expect([...topics.keys()]).toEqual(['guaita/serf/member/ada']));
  });

  it('has services told again when the agent restarts and has forgotten them, or somebody takes them away', async () => {
    const ada = await agent('ada');
    const sink = new SerfTagSink({ agent: ada.client, host: HOST, room_bytes: 512 });
    const told = vi.fn();
    const { topics, services } = mirror(ada.client, () => void sink.publish([service()], true).then(told, told));
    await eventually(async () => expect(await tagOf(ada.agent)).not.toBe(''));
    const before = await tagOf(ada.agent);
    expect(before).toMatch(/^\[\{"s":/);
    await ada.agent.restart();
    await eventually(async () => expect(await tagOf(ada.agent)).toBe(before));
    await ada.client.tags({ delete: ['services'] });
    await eventually(async () => expect(await tagOf(ada.agent)).toBe(before));
    expect(told).toHaveBeenLastCalledWith([]);
    expect(topics.size).toBe(1);
    // Its own services stand elsewhere.
    expect(services()).toEqual([]);
  });
});

it('says that the agent answers no more once it has not for 10 s, and that it does again at once', async () => {
  const clock = new ManualClock();
  let listener: EventListener | undefined;
  let isThere = true;
  const said: boolean[] = [];
  const ask = <Answer>(answer: Answer): Promise<Answer> =>
    isThere ? Promise.resolve(answer) : Promise.reject(new SerfError('gone'));
  const running = new SerfMirror({
    agent: {
      self: () => ask({ name: 'ada' }),
      members: () => ask([]),
      stream(_, given) {
        listener = given;
        return { stop() {} };
      },
    },
    ...{ clock, keeper: { replace: () => {}, purge: () => {} }, base: 'guaita' },
    ...{ onServices: () => {}, onTagLost: () => {}, onTrouble: () => {} },
    onAnswers: (answers) => said.push(answers),
  });
  running.start();
  await clock.advance(0);
  expect(said).toEqual([true]);
  isThere = false;
  listener?.interrupted?.(new SerfError('gone'));
  await clock.advance(9_000);
  isThere = true;
  listener?.opened?.();
  await clock.advance(30_000);
  expect(said).toEqual([true, true]);
  isThere = false;
  listener?.interrupted?.(new SerfError('gone'));
  await clock.advance(10_000);
  expect(said).toEqual([true, true, false]);
  await clock.advance(120_000);
  isThere = true;
  listener?.opened?.();
  await clock.advance(0);
  expect(said.at(-1)).toBe(true);
  await running.stop();
});

/** The tag of an agent, decoded by programs that are not ours. */
async function tagOf({ rpc, name }: SerfAgent): Promise<string> {
  const script = `serf members -rpc-addr=${rpc} -name=${name} -format json |
    sed -n 's/.*"services": "\\(.*\\)".*/\\1/p' | base64 -d | bunzip2`;
  let decoded = '';
  const shell = execFile('bash', ['-c', script], (_, stdout) => (decoded = stdout));
  await once(shell, 'close');
  return decoded;
}
