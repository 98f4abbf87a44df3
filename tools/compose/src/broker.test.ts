import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { mosquittoAcl, mosquittoConf, readSite, SERVICES, siteHost } from '@guaita/site';
import { connect as open, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workspaceFile } from './paths.ts';

const run = promisify(execFile);
const MAKE_SECRETS = workspaceFile('deploy/mosquitto/make-secrets.mjs');

/** As docker-compose.yml calls it by default. */
const MONITOR = 'monitor-1';

/** MQTT 5 §3.4.2.1. */
const NOT_AUTHORISED = 0x87;

/** Of 1,000 devices that three monitors ping each minute, and one polls. */
const OBSERVATIONS_A_MINUTE = 4_000;

describe('the composed broker', () => {
  let secrets = '';
  let broker: Mosquitto;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    secrets = await mkdtemp(join(tmpdir(), 'guaita-secrets-'));
    await run(process.execPath, [MAKE_SECRETS, secrets]);
    broker = await startMosquitto({ config: await brokerConfig(secrets) });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    await broker.stop();
    await rm(secrets, { recursive: true });
  });

  async function connect(username: string, password?: string): Promise<MqttClient> {
    const client = await connectAsync(broker.url, {
      protocolVersion: 5,
      username,
      password: password ?? (await readFile(join(secrets, username), 'utf8')),
      reconnectPeriod: 0,
    });
    clients.push(client);
    return client;
  }

  it.each([...SERVICES, 'watch'])('lets %s in by its password', async (user) => {
    expect((await connect(user)).connected).toBe(true);
  });

  it('lets nobody in without a user, or with a wrong password', async () => {
    await expect(connectAsync(broker.url, { protocolVersion: 5, reconnectPeriod: 0 })).rejects.toThrow(
      /authori[sz]ed/i,
    );
    await expect(connect('ping', 'wrong')).rejects.toThrow(/authori[sz]ed/i);
  });

  it.each([
    ['ping', 'guaita/monitor/monitor-1/ping/router'],
    ['ping', 'guaita/host/monitor-1/probing'],
    ['ping', 'guaita/monitor/monitor-1/service/ping'],
    ['snmp', 'guaita/monitor/monitor-1/snmp/router'],
    ['assign', 'guaita/host/monitor-1/assigned/router'],
    ['assign', 'guaita/device/router/spec'],
    ['alert', 'guaita/device/router/state'],
    ['alert', 'guaita/alert/critical/router'],
    ['alert', 'guaita/reply/m/takeover'],
    ['storage', 'guaita/monitor/monitor-1/service/storage'],
    ['storage', 'guaita/command/silence/add'],
    ['serf-publisher', 'guaita/service/http/wiki'],
    ['serf-publisher', 'guaita/serf/member/pi-2'],
    ['serf-publisher', 'guaita/host/monitor-1/service/http/wiki'],
    ['serf-publisher', 'guaita/reply/m/announcement'],
  ])('lets %s write %s', async (user, topic) => {
    const client = await connect(user);
    await expect(client.publishAsync(topic, '{}', { qos: 1 })).resolves.toBeDefined();
  });

  it.each([
    ['ping', 'guaita/monitor/monitor-1/snmp/router'],
    ['ping', 'guaita/monitor/monitor-2/ping/router'],
    ['ping', 'guaita/host/monitor-1/assigned/router'],
    ['snmp', 'guaita/monitor/monitor-1/service/ping'],
    ['assign', 'guaita/monitor/monitor-1/ping/router'],
    ['alert', 'guaita/device/router/spec'],
    ['storage', 'guaita/monitor/monitor-1/ping/router'],
    ['storage', 'guaita/service/http/wiki'],
    ['serf-publisher', 'guaita/device/router/spec'],
    ['serf-publisher', 'guaita/host/monitor-1/assigned/router'],
    ['serf-publisher', 'guaita/command/services/add'],
    ['watch', 'guaita/monitor/monitor-1/ping/router'],
    ['watch', 'elsewhere'],
  ])('keeps %s from writing %s', async (user, topic) => {
    const client = await connect(user);
    await expect(client.publishAsync(topic, '{}', { qos: 1 })).rejects.toMatchObject({ code: NOT_AUTHORISED });
  });

  it('lets watch read what the services say', async () => {
    const [writer, reader] = [await connect('ping'), await connect('watch')];
    const heard = new Promise<string>((resolve) => reader.on('message', (topic) => resolve(topic)));
    await reader.subscribeAsync('guaita/#');
    await writer.publishAsync('guaita/monitor/monitor-1/ping/switch', '{}', { qos: 1 });
    expect(await heard).toMatch(/^guaita\//);
  });

  it('keeps for storage what 1,000 devices say in a quarter of an hour', { timeout: 120_000 }, async () => {
    const writer = await connect('ping');
    const password = await readFile(join(secrets, 'storage'), 'utf8');
    const options: IClientOptions = {
      ...{ protocolVersion: 5, username: 'storage', password, clientId: 'kept', clean: false, reconnectPeriod: 0 },
      properties: { sessionExpiryInterval: 900, receiveMaximum: 65_535 },
    };
    const away = await connectAsync(broker.url, options);
    await away.subscribeAsync('guaita/monitor/+/ping/+', { qos: 1 });
    await away.endAsync();
    for (let minute = 0; minute < 15; minute += 1) {
      const said = Array.from({ length: OBSERVATIONS_A_MINUTE }, (_, n) =>
        writer.publishAsync(`guaita/monitor/monitor-1/ping/d${n}`, '{}', { qos: 1 }),
      );
      await Promise.all(said);
    }
    let heard = 0;
    const back = open(broker.url, options);
    clients.push(back);
    back.on('message', () => (heard += 1));
    await eventually(() => expect(heard).toBe(15 * OBSERVATIONS_A_MINUTE));
  });
});

describe('make-secrets', () => {
  it('keeps the passwords that are there, in a folder that only its owner may enter', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'guaita-secrets-')), 'new');
    await run(process.execPath, [MAKE_SECRETS, folder]);
    const before = await readFile(join(folder, 'ping'), 'utf8');
    await run(process.execPath, [MAKE_SECRETS, folder]);
    expect(await readFile(join(folder, 'ping'), 'utf8')).toBe(before);
    expect(before).toMatch(/^[\w-]{32}$/);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readFile(join(folder, 'users'), 'utf8')).not.toContain(before);
    await rm(join(folder, '..'), { recursive: true });
  });

  it('makes a password for a user who came by an upgrade, and lets the others keep theirs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guaita-secrets-'));
    await run(process.execPath, [MAKE_SECRETS, folder]);
    const before = await readFile(join(folder, 'ping'), 'utf8');
    const users = await readFile(join(folder, 'users'), 'utf8');
    await writeFile(join(folder, 'users'), users.replace(/^serf-publisher:.*\n/m, ''));
    await rm(join(folder, 'serf-publisher'));
    await run(process.execPath, [MAKE_SECRETS, folder]);
    expect(await readFile(join(folder, 'ping'), 'utf8')).toBe(before);
    expect(await readFile(join(folder, 'serf-publisher'), 'utf8')).toMatch(/^[\w-]{32}$/);
    expect(await readFile(join(folder, 'users'), 'utf8')).toMatch(/^serf-publisher:\$7\$/m);
    await rm(folder, { recursive: true });
  });
});

/** The broker's configuration as it is rendered for the composed host, but for where it listens and where its files are. */
async function brokerConfig(secrets: string): Promise<string> {
  const site = readSite(await readFile(workspaceFile('deploy/compose-site.yaml'), 'utf8'));
  const host = siteHost(site, MONITOR);
  const acl = join(secrets, 'acl');
  await writeFile(acl, mosquittoAcl(site, host));
  const text = mosquittoConf(site, host, { socket: '', data: '', users: join(secrets, 'users'), acl });
  return text
    .split('\n')
    .filter((line) => !/^(listener|persistence\w*|log_dest) /.test(line))
    .join('\n');
}
