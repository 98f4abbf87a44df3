import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MqttBus, Wire } from '@guaita/bus';
import { startMosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { describe, expect, it } from 'vitest';
import { startSerfCommunity, type SerfCommunity } from './serf-community.testdata.ts';
import { makePublisherProcess, type PublisherProcess } from './service.testdata.ts';

const run = promisify(execFile);

/** Two hosts on one Mosquitto: the lowest has no Serf agent, the other has a real one. */
interface Site {
  readonly lowest: PublisherProcess;
  readonly withAgent: PublisherProcess;
  readonly community: SerfCommunity;
  readonly startLowest: () => Promise<void>;
  readonly startWithAgent: () => Promise<void>;
  /** Waits until this stands, and nothing else. */
  readonly until: (...expected: readonly string[]) => Promise<void>;
  /** What was taken away so far. */
  readonly gone: readonly string[];
}

const LOWEST = 'http/guaita-pi-1 pi-1 own';
const WITH_AGENT = 'http/guaita-pi-2 pi-2 own';
/** The agents call themselves so; the first is that of host pi-2. */
const MEMBERS = ['member pi-1 alive', 'member pi-2 alive', 'member pi-3 alive'];
const FAR_SERVICE = 'syncthing/pi-3-22000 pi-3 serf';

/** Has each test have one of its own: they mostly wait, at the same time. */
async function onSite(story: (site: Site) => Promise<void>): Promise<void> {
  const [broker, community] = await Promise.all([startMosquitto(), startSerfCommunity()]);
  const lowest = await makePublisherProcess(broker.url, 'pi-1');
  const withAgent = await makePublisherProcess(broker.url, 'pi-2');
  const bus = new MqttBus({ url: broker.url, clientId: 'test' });
  const wire = new Wire(bus, (error) => {
    throw error;
  });
  const known = new Map<string, string>();
  const gone: string[] = [];
  const note = (key: string, text: string | undefined): void => {
    if (text === undefined) gone.push(known.get(key) ?? key);
    if (text === undefined) known.delete(key);
    else known.set(key, text);
  };
  try {
    const record = '[{"s":"syncthing","d":"S","m":"x","i":"10.1.2.3","p":"22000","e":"","t":""}]';
    const { stdout: tag } = await run('sh', ['-c', 'printf %s "$0" | bzip2 | base64 -w0', record]);
    await community.run(2, 'tags', '-set', `services=${tag}`);
    await wire.hear(channels.serfMember, {}, ({ parameters: { name }, value }) =>
      note(`member/${name}`, value && `member ${name} ${value.status}`),
    );
    await wire.hear(channels.foundService, {}, ({ parameters: { type, name }, value }) =>
      note(`${type}/${name}`, value && `${type}/${name} ${value.node} ${value.source}`),
    );
    await bus.start();
    const page = { port: 7480 };
    await story({
      ...{ lowest, withAgent, community, gone },
      startLowest: () => lowest.start({ address: '192.0.2.1', page }),
      startWithAgent: () =>
        withAgent.start({
          ...{ address: '192.0.2.2', page },
          serf: { agent: community.own.rpc, key: community.key, host: 'pi-2.lab.local' },
        }),
      until: (...expected) => eventually(() => expect([...known.values()].sort()).toEqual([...expected].sort())),
    });
  } finally {
    await Promise.all([lowest.stop(), withAgent.stop()]);
    await bus.stop();
    await Promise.all([broker.stop(), community.stop()]);
  }
}

describe.concurrent(
  'two publishers on one Mosquitto, of which the lowest has no Serf agent',
  { timeout: 480_000 },
  () => {
    it('tell of both hosts’ services and of Serf’s members, and go on when the lowest dies', () =>
      onSite(async ({ lowest, startLowest, startWithAgent, until, gone }) => {
        await startLowest();
        await until(LOWEST);
        await startWithAgent();
        await until(LOWEST, WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        await lowest.end('SIGKILL');
        await until(WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        await startLowest();
        await until(LOWEST, WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        expect(gone).toEqual([LOWEST]);
      }));

    it('take what only the other knew away when that dies, and its own services with a minute’s patience', ({
      expect,
    }) =>
      onSite(async ({ withAgent, startLowest, startWithAgent, until, gone }) => {
        await startWithAgent();
        await until(WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        await startLowest();
        await until(LOWEST, WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        expect(gone).toEqual([]);
        await withAgent.end('SIGKILL');
        await until(LOWEST, WITH_AGENT);
        await until(LOWEST);
        expect(gone.toSorted()).toEqual([...MEMBERS, FAR_SERVICE, WITH_AGENT].toSorted());
        await startWithAgent();
        await until(LOWEST, WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        expect(gone).not.toContain(LOWEST);
      }));

    it('tell of no members while the agent is away, and of their services until it has been for a while', ({
      expect,
    }) =>
      onSite(async ({ community, startLowest, startWithAgent, until, gone }) => {
        await startLowest();
        await startWithAgent();
        await until(LOWEST, WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        await community.own.kill();
        await until(LOWEST, WITH_AGENT, FAR_SERVICE);
        await until(LOWEST, WITH_AGENT);
        await community.restartOwn();
        await until(LOWEST, WITH_AGENT, ...MEMBERS, FAR_SERVICE);
        expect(gone).not.toContain(LOWEST);
        expect(gone).not.toContain(WITH_AGENT);
      }));
  },
);
