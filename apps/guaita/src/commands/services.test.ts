import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus, Wire } from '@guaita/bus';
import { channels, type FoundService, type Reply } from '@guaita/messages';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EmbeddedBroker } from '../broker/index.ts';
import { guaita } from './captured-output.testdata.ts';

let folder: string;
let broker: EmbeddedBroker;
let url: string;
let bus: MqttBus;
let wire: Wire;
const errors: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'services-'));
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  broker = new EmbeddedBroker({ port: 0, data: folder, monitor: 'pi-1', log });
  await broker.start();
  url = `mqtt://127.0.0.1:${broker.port}`;
  bus = new MqttBus({ url, clientId: 'pi-1', keepalive_s: 10, log: () => {} });
  wire = new Wire(bus, () => {});
  await bus.start();
  errors.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await bus.stop();
  await broker.stop();
  await rm(folder, { recursive: true });
});

const WIKI: FoundService = {
  ...{ type: 'http', name: 'wiki', address: '192.0.2.1', port: 8080, protocol: 'tcp', description: 'Our wiki' },
  ...{ txt: { path: '/start' }, node: 'pi-1', source: 'announcements' },
};
const DNS: FoundService = {
  ...WIKI,
  type: 'dns',
  name: 'dns',
  protocol: 'udp',
  port: 53,
  node: 'pi-2',
  source: 'serf',
};

/** What serf-publisher keeps on the broker. */
function publish(...services: readonly FoundService[]): void {
  const presence = { monitor: 'pi-1', service: 'serf-publisher', instance: 'a1' };
  wire.say(channels.presence, presence, { state: 'online', at: '2026-11-23T00:00:00.000Z' });
  for (const service of services) wire.say(channels.foundService, { type: service.type, name: service.name }, service);
}

const list = (...flags: readonly string[]): ReturnType<typeof guaita> => guaita('services', ...flags, '--broker', url);

describe('guaita services', () => {
  it('lists what is known, and who is in the Serf cluster where that is asked for', async () => {
    publish(WIKI, DNS);
    wire.say(
      channels.serfMember,
      { name: 'pi-2' },
      {
        ...{ name: 'pi-2', address: '2001:db8::2', port: 7946, status: 'failed', tags: { role: 'gateway' } },
        since: '2026-11-23T00:00:00.000Z',
      },
    );
    const { code, printed } = await list();
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
    expect(printed.split('\n')).toEqual([
      'type  name  address           node  told by        what',
      'dns   dns   192.0.2.1:53 udp  pi-2  serf           Our wiki; path=/start',
      'http  wiki  192.0.2.1:8080    pi-1  announcements  Our wiki; path=/start',
      '',
    ]);
    expect((await list('--members')).printed).toMatch(
      /\npi-2 +failed +2026-\S+ +\[2001:db8::2\]:7946 +role=gateway\n$/,
    );
    const json = JSON.parse((await list('--members', '--json')).printed) as object;
    expect(json).toMatchObject({ services: [DNS, WIKI], members: [{ name: 'pi-2' }], stale: false });
  });

  it.each([
    [['--type', 'http', 'ftp'], ['wiki']],
    [['--node', 'pi-2'], ['dns']],
    [['--source', 'announcements', '--type', 'dns'], []],
  ])('lists only what %j lets through', async (flags, names) => {
    publish(WIKI, DNS);
    const { code, printed } = await list(...flags, '--json');
    const { services } = JSON.parse(printed) as { services: FoundService[] };
    expect([code, services.map(({ name }) => name)]).toEqual([0, names]);
  });

  it('prints nothing that could take over a terminal, whatever other nodes tell', async () => {
    const evil = '\u001b[2J\u009bA\nfalse line\u202e';
    publish();
    wire.bus.publish({
      topic: channels.foundService.topic(wire.base, { type: 'http', name: 'evil' }),
      payload: JSON.stringify({
        ...WIKI,
        name: evil,
        type: evil,
        address: evil,
        node: evil,
        source: evil,
        txt: { [evil]: evil },
      }),
      ...{ qos: 1, retain: true },
    });
    const { code, printed } = await list();
    expect(code).toBe(0);
    expect(printed.split('\n')).toHaveLength(3);
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(printed).toContain('false line');
  });

  it('says that it cannot be told where no serf-publisher is, or no broker', async () => {
    expect(await list()).toEqual({
      code: 3,
      printed: `no service is known\nno serf-publisher is on ${url} now: what it keeps may be old; start a monitor there\n`,
    });
    expect((await guaita('services', '--broker', 'mqtt://127.0.0.1:1')).code).toBe(3);
  });
});

/** Gives a command that is answered so. @returns also what was asked. */
async function give(
  answer: Reply,
  ...args: readonly string[]
): Promise<{ code: number; printed: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  for (const channel of [channels.addService, channels.removeService]) {
    await bus.subscribe(channel.filter(wire.base), (message) => {
      asked.push(JSON.parse(Buffer.from(message.payload).toString()));
      wire.reply(message, answer);
    });
  }
  return { ...(await guaita('services', ...args, '--broker', url)), asked };
}

describe('guaita services add and remove', () => {
  const DONE = { ok: true, monitor: 'pi-1' } as const;

  it('make a service known with all that is said of it, and take it back', async () => {
    const words = ['--description', 'Our wiki', '--txt', 'path=/a=b', '__proto__=x', '--address', '10.0.0.2'];
    const added = await give(DONE, 'add', 'http', 'wiki', '--port', '8080', ...words);
    expect(added).toMatchObject({ code: 0, printed: 'service http/wiki is known (pi-1)\n' });
    expect(JSON.stringify(added.asked)).toBe(
      '[{"type":"http","name":"wiki","port":8080,"address":"10.0.0.2","protocol":"tcp","description":"Our wiki",' +
        '"txt":{"path":"/a=b","__proto__":"x"}}]',
    );
    const removed = await give(DONE, 'remove', 'http', 'wiki', '--json');
    expect([removed.code, removed.asked]).toEqual([0, [{ type: 'http', name: 'wiki' }]]);
    expect(JSON.parse(removed.printed)).toMatchObject({ ok: true, done: ['wiki'] });
  });

  it('say why they are refused, without what could take over a terminal', async () => {
    const problem = 'service http/\u001b[2Jwiki was not announced here';
    const { code } = await give({ ok: false, monitor: 'pi-1', problem }, 'remove', 'http', 'wiki');
    expect([code, errors.join('')]).toEqual([1, 'service http/?[2Jwiki was not announced here\n']);
  });

  it.each([
    [['add', 'http', 'wiki'], '--port'],
    [['add', 'http', 'wiki', '--port', '0'], 'It is no port'],
    [['add', 'http', 'wiki', '--port', '80', '--txt', 'path'], 'It is no attribute'],
    [['add', 'http', 'wiki', '--port', '80', '--protocol', 'icmp'], 'tcp, udp'],
    [['add', 'http', 'wi/ki', '--port', '80'], 'It must'],
  ])('refuse %j, and give nothing', async (args, said) => {
    const { code, asked } = await give(DONE, ...args);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(errors.join('')).toContain(said);
  });
});
