import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { MqttBus, Wire } from '@guaita/bus';
import { channels, type AddDevices } from '@guaita/messages';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EmbeddedBroker } from '../broker/index.ts';
import { guaita } from './captured-output.testdata.ts';

const sample = (name: string): string =>
  fileURLToPath(new URL(`../../../../examples/switching/${name}`, import.meta.url));

let folder: string;
let out: string;
const errors: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-import-'));
  out = join(folder, 'devices.yaml');
  errors.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe('guaita devices import', () => {
  it('prints an inventory that "devices check" takes, and the report beside it', async () => {
    const { code, printed } = await guaita('devices', 'import', sample('zabbix.yaml'));
    expect(code).toBe(0);
    await writeFile(out, printed);
    expect(await guaita('devices', 'check', out)).toEqual({ code: 0, printed: '3 devices, no mistake\n' });
    const report = errors.join('').split('\n');
    expect(report).toContain(
      `${sample('zabbix.yaml')}:80 host "retired": left out: it is disabled there; enable it before the export, or add it by hand`,
    );
    expect(report).toContain('host             3');
    expect(report).toContain(
      'SNMP profile "zabbix" (v2c) of gateway-one: give its credentials to the snmp service; see docs/snmp.md',
    );
    expect(report).toContain('3 devices of Zabbix carried over');
  });

  it('writes a file, and replaces none that is there unless told to', async () => {
    const file = sample('librenms.json');
    expect((await guaita('devices', 'import', file, '--out', out)).code).toBe(0);
    const first = await readFile(out, 'utf8');
    expect(first).toContain('name: Camera at the gate');
    await writeFile(out, 'mine');
    expect((await guaita('devices', 'import', file, '--out', out)).code).toBe(1);
    expect(errors.join('')).toBe(`${out} is there already; give another name, or --force to replace it\n`);
    expect(await readFile(out, 'utf8')).toBe('mine');
    expect((await guaita('devices', 'import', file, '--out', out, '--force')).code).toBe(0);
    expect(await readFile(out, 'utf8')).toBe(first);
    expect(await readdir(folder)).toEqual(['devices.yaml']);
  });

  it('says when a file cannot be written', async () => {
    const absent = join(folder, 'absent', 'devices.yaml');
    expect((await guaita('devices', 'import', sample('zabbix.xml'), '--out', absent)).code).toBe(1);
    expect(errors.join('')).toContain(`${absent} cannot be written: ENOENT`);
  });

  it('gives programs one JSON object', async () => {
    const { code, printed } = await guaita('devices', 'import', sample('uptime-kuma.json'), '--json', '--out', out);
    expect(code).toBe(0);
    const { devices, ...rest } = JSON.parse(printed) as Record<string, unknown[]>;
    expect(devices?.map((device) => (device as { device: string }).device)).toEqual([
      ...['router', 'bose-kuche', 'switch-uptime'],
    ]);
    expect(rest).toMatchObject({
      ok: true,
      from: 'uptime-kuma',
      counts: { 'ping monitor': 2, 'HTTP monitor': 1, 'docker monitor': 1, 'notification channel': 1 },
      profiles: [{ profile: 'uptime-kuma', devices: 1, like: 'switch-uptime', version: 'v2c' }],
      problems: [],
    });
    expect(rest['left_out']).toContainEqual({
      ...{ kind: 'HTTP monitor', name: 'Shop', count: 1, file: sample('uptime-kuma.json'), line: 72 },
      reason: 'hosts are pinged and polled by SNMP here, nothing else is asked',
    });
    expect(printed).not.toContain('hush');
  });

  it('reads a database of Uptime Kuma, and a configuration with what it includes', async () => {
    const database = new DatabaseSync(join(folder, 'kuma.db'));
    database.exec(
      `CREATE TABLE monitor (id INTEGER PRIMARY KEY, name TEXT, active BOOLEAN, type TEXT, hostname TEXT);
       INSERT INTO monitor VALUES (1, 'Router', 1, 'ping', '192.0.2.1'), (2, 'Shop', 1, 'http', NULL);`,
    );
    database.close();
    const kuma = await guaita('devices', 'import', join(folder, 'kuma.db'), '--out', out);
    expect(kuma).toMatchObject({ code: 0, printed: expect.stringContaining('1 device of Uptime Kuma carried over\n') });
    const smokeping = await guaita('devices', 'import', sample('smokeping/config'), '--json');
    expect(JSON.parse(smokeping.printed)).toMatchObject({ from: 'smokeping', counts: { slaves: 2, target: 1 } });
  });

  it('writes nothing of what is broken, absent or none of it a device', async () => {
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{"monitorList": [');
    const http = join(folder, 'http.json');
    await writeFile(http, '{"monitorList": [{"id": 1, "name": "Shop", "type": "http"}]}');
    const large = join(folder, 'large.json');
    await writeFile(large, '');
    await truncate(large, 101 * 1024 * 1024);
    const other = join(folder, 'other.db');
    const database = new DatabaseSync(other);
    database.exec('CREATE TABLE bookmarks (id INTEGER)');
    database.close();
    for (const file of [broken, http, large, other, join(folder, 'absent'), folder]) {
      const ran = await guaita('devices', 'import', file, '--out', out);
      expect(ran).toEqual({ code: 1, printed: '' });
      expect(errors.splice(0).join('')).toMatch(
        new RegExp(`^${file}.*: .*[;:] .*\\n[^]*no device is carried over, and nothing is written\\n$`),
      );
    }
    expect(await readdir(folder)).not.toContain('devices.yaml');
  });

  it.each([
    [['--out', 'x', '--add'], "option '--add' cannot be used with option '--out <FILE>'"],
    [['--force'], '--force stands without --out'],
    [['--from', 'nagios'], 'Allowed choices are uptime-kuma, librenms, zabbix, smokeping'],
    [['--snmp', 'Bad Id'], 'must be an id'],
  ])('%j is wrong usage', async (flags, message) => {
    expect((await guaita('devices', 'import', sample('zabbix.yaml'), ...flags)).code).toBe(2);
    expect(errors.join('')).toContain(message);
  });
});

describe('guaita devices import --add', () => {
  let broker: EmbeddedBroker;
  let bus: MqttBus;
  let url: string;
  let added: AddDevices['devices'];

  beforeEach(async () => {
    const log = { debug: () => {}, info: () => {}, warn: () => {} };
    broker = new EmbeddedBroker({ port: 0, data: join(folder, 'broker'), monitor: 'pi-1', log });
    await broker.start();
    url = `mqtt://127.0.0.1:${broker.port}`;
    bus = new MqttBus({ url, clientId: 'pi-1', keepalive_s: 10, log: () => {} });
    const wire = new Wire(bus, () => {});
    await bus.start();
    added = [];
    await bus.subscribe(channels.addDevices.filter(wire.base), (message) => {
      added = channels.addDevices.decode(message.topic, message.payload).devices;
      wire.reply(message, { ok: true, monitor: 'pi-1' });
    });
  });
  afterEach(async () => {
    await bus.stop();
    await broker.stop();
  });

  it('gives the devices to the running monitors, parents first', async () => {
    const ran = await guaita('devices', 'import', sample('librenms.json'), '--add', '--no-snmp', '--broker', url);
    expect(ran.code).toBe(0);
    expect(ran.printed).toMatch(/3 devices of LibreNMS carried over\nthey are added \(pi-1\)\n$/);
    expect(added.map(({ device, parents, checks }) => [device, parents, Object.keys(checks)])).toEqual([
      ['core.example.net', [], ['ping']],
      ['access-1.example.net', ['core.example.net'], ['ping']],
      ['camera-at-the-gate', ['access-1.example.net'], ['ping']],
    ]);
  });

  it('tells programs what became of them', async () => {
    const flags = ['--add', '--json', '--broker', url];
    const { code, printed } = await guaita('devices', 'import', sample('zabbix.xml'), ...flags);
    expect(code).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({
      ...{ ok: true, from: 'zabbix', added: { ok: true, monitor: 'pi-1', done: ['gateway-one-only', 'plain'] } },
    });
  });

  it('ends with 3 where nobody answers', { timeout: 20_000 }, async () => {
    const nobody = ['--add', '--broker', 'mqtt://127.0.0.1:1'];
    expect((await guaita('devices', 'import', sample('zabbix.xml'), ...nobody)).code).toBe(3);
  });
});
