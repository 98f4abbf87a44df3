import { CommandClient, MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Reply } from '@guaita/messages';
import { KeptFile } from '@guaita/service';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceRecord } from '../../services/service-record.ts';
import { Announcements, KeptAnnouncements } from './announcements.ts';

const HERE = '10.139.40.22';
const WEB = { type: 'http', name: 'web', port: 80 };
const WEB_RECORD: ServiceRecord = { ...WEB, address: HERE, protocol: 'tcp', description: '', txt: {} };

let folder: string;
let broker: MemoryBroker;
let client: CommandClient;
let releases: (() => Promise<unknown>)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'announcements-'));
  broker = new MemoryBroker();
  releases = [() => rm(folder, { recursive: true })];
  client = new CommandClient(await wire(), 'ada');
  await client.start();
});
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

async function wire(): Promise<Wire> {
  const bus = new MemoryBus(broker);
  await bus.start();
  releases.push(() => bus.stop());
  return new Wire(bus, () => undefined);
}

/** A publisher's life, and what it has told: each time all services. */
async function life(
  options: { monitor?: string; speaks?: boolean; elsewhere?: string; lines?: string[]; file?: string } = {},
) {
  const { monitor = 'm1', speaks = true, elsewhere, lines = [], file = 'announced.json' } = options;
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const source = new Announcements({
    ...{ wire: await wire(), monitor, log, address: HERE, speaks: () => speaks },
    isElsewhere: (key) => key === elsewhere,
    kept: new KeptFile(join(folder, file), KeptAnnouncements, log),
  });
  const told: (readonly ServiceRecord[])[] = [];
  const fails = (error: Error): never => {
    throw error;
  };
  await source.start({ has: (services) => void told.push(services), fails });
  releases.push(() => source.stop());
  return { told, stop: () => source.stop() };
}

const add = (service: object): Promise<Reply | undefined> => client.ask(channels.addService, service);
const remove = (service: object): Promise<Reply | undefined> => client.ask(channels.removeService, service);
const DONE = { ok: true, monitor: 'm1' };

describe('announced services', () => {
  it('are told as they come, change and are taken back', async () => {
    const { told } = await life();
    expect(told).toEqual([[]]);
    expect(await add(WEB)).toEqual(DONE);
    expect(told.at(-1)).toEqual([WEB_RECORD]);
    const dns = {
      type: 'dns',
      name: 'dns',
      address: 'ns.lan',
      port: 53,
      protocol: 'udp',
      description: 'D',
      txt: { a: 'b' },
    };
    expect(await add(dns)).toEqual(DONE);
    expect(await add({ ...WEB, port: 81 })).toEqual(DONE);
    expect(told.at(-1)).toEqual([{ ...WEB_RECORD, port: 81 }, dns]);
    expect(await remove({ type: 'http', name: 'web' })).toEqual(DONE);
    expect(told.at(-1)).toEqual([dns]);
  });

  it('are known after a restart, also those that came at the same time', async () => {
    const first = await life();
    const names = Array.from({ length: 20 }, (_, index) => `web-${index}`);
    await Promise.all(names.map((name) => add({ ...WEB, name })));
    await remove({ type: 'http', name: 'web-7' });
    await first.stop();
    const { told } = await life();
    expect(told[0]?.map(({ name }) => name)).toEqual(names.filter((name) => name !== 'web-7'));
  });

  it('begin anew where the file is torn, which is set aside', async () => {
    await writeFile(join(folder, 'announced.json'), '{"services":[{"type":"http"');
    const lines: string[] = [];
    const { told } = await life({ lines });
    expect(told).toEqual([[]]);
    expect(lines.join('')).toContain('is damaged and is set aside');
    expect(await readFile(join(folder, 'announced.json.bad'), 'utf8')).toContain('"http"');
  });

  it.each<[object, string]>([
    [{ ...WEB, port: 70_000 }, 'guaita/command/services/add: port: '],
    [{ ...WEB, type: 'HTTP' }, 'guaita/command/services/add: type: must be a type of service'],
    [{ ...WEB, address: '10.0.0' }, '"10.0.0" is not an IP address or host name; docs/asyncapi.yaml has its schema'],
    [{ name: 'web' }, 'guaita/command/services/add: type: '],
  ])('are not taken from %j, and the answer says why', async (service, problem) => {
    const { told } = await life();
    expect(await add(service)).toEqual({
      ok: false,
      monitor: 'm1',
      problem: expect.stringContaining(problem) as string,
    });
    expect(told).toEqual([[]]);
  });

  it('that nobody announced cannot be taken back', async () => {
    const { told } = await life();
    expect(await remove({ type: 'http', name: 'web' })).toMatchObject({
      problem: expect.stringContaining('service http/web was not announced here: ') as string,
    });
    expect(told).toEqual([[]]);
  });

  it('are at most two hundred, of which each may change', async () => {
    const services = Array.from({ length: 200 }, (_, index) => ({
      ...WEB_RECORD,
      name: `web-${index}`,
    }));
    await writeFile(join(folder, 'announced.json'), JSON.stringify({ services }));
    const { told } = await life();
    expect(await add(WEB)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('200 are announced') as string,
    });
    expect(await add({ ...WEB, name: 'web-3', port: 9 })).toEqual(DONE);
    expect(told.at(-1)).toHaveLength(200);
  });

  it('that cannot be kept are not told', async () => {
    const { told } = await life({ file: 'gone/announced.json' });
    await writeFile(join(folder, 'gone'), '');
    expect(await add(WEB)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(
        /^service http\/web is not added: it cannot be kept on disk: .*; mend that/,
      ) as string,
    });
    await rm(join(folder, 'gone'));
    expect(await add(WEB)).toEqual(DONE);
    expect(told).toEqual([[], [WEB_RECORD]]);
  });

  it('are taken by who speaks on the broker, and taken back by who has them', async () => {
    const speaker = await life();
    const other = await life({ monitor: 'm2', speaks: false, file: 'other.json' });
    await add(WEB);
    expect([speaker.told.length, other.told.length]).toEqual([2, 1]);
    expect(await remove({ type: 'http', name: 'web' })).toEqual(DONE);
    await writeFile(join(folder, 'third.json'), JSON.stringify({ services: [{ ...WEB, name: 'old' }] }));
    await life({ monitor: 'm3', speaks: false, file: 'third.json' });
    const kept = async (): Promise<string> => readFile(join(folder, 'third.json'), 'utf8');
    await remove({ type: 'http', name: 'old' });
    await eventually(async () => expect(await kept()).toBe('{"services":[]}'));
  });

  it('are changed and taken back where they were made, by one who does not speak', async () => {
    const speaker = await life({ elsewhere: 'http/web' });
    await writeFile(join(folder, 'other.json'), JSON.stringify({ services: [WEB] }));
    const other = await life({ monitor: 'm2', speaks: false, file: 'other.json' });
    expect(await add({ ...WEB, port: 81 })).toEqual({ ok: true, monitor: 'm2' });
    expect(other.told.at(-1)).toEqual([{ ...WEB_RECORD, port: 81 }]);
    expect(await remove({ type: 'http', name: 'web' })).toEqual({ ok: true, monitor: 'm2' });
    expect(speaker.told).toEqual([[]]);
  });
});
