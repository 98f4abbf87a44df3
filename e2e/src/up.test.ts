import { type Snmpd, startNamespace, startSnmpd, type Namespace } from '@guaita/lab';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { flagged, GuaitaProcess, MAIN } from './guaita-process.ts';

/** One monitor as a user runs it, in a network of 65,000 addresses that really answer. */
let namespace: Namespace;
let agent: Snmpd;
let folder: string;
let running: GuaitaProcess[] = [];

beforeAll(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
  agent = await startSnmpd({
    communities: ['e2e-secret'],
    addresses: ['0.0.0.0'],
    spawn: (command, args, env) => namespace.spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  });
});
afterAll(async () => {
  await agent.stop();
  await namespace.stop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-e2e-'));
});
afterEach(async () => {
  for (const guaita of running) await guaita.stop('SIGKILL');
  running = [];
  await rm(folder, { recursive: true });
});

function start(...args: string[]): GuaitaProcess {
  const guaita = new GuaitaProcess(namespace, args, folder);
  running.push(guaita);
  return guaita;
}

/** A whole monitor, on ports of its own unless told otherwise. */
function startMonitor(flags: Readonly<Record<string, string>>, ...more: readonly string[]): GuaitaProcess {
  const all = { monitor: 'pi-1', 'mqtt-port': '0', 'http-port': '0', ...flags };
  return start('up', ...flagged(all), ...more);
}

/** What a stranger to us hears who subscribes on this host. */
function listen(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return namespace.run('mosquitto_sub', ['-V', '5', ...args]);
}

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

function inventory(...lines: readonly string[]): string {
  return [
    'defaults: { ping: { interval_s: 5, count: 1 } }',
    'devices:',
    ...lines.map((line) => `  - ${line}`),
    '',
  ].join('\n');
}

const ROUTER = '{ name: router, address: 10.200.0.1 }';
const AP = '{ name: ap, address: 10.200.0.2, parents: [router] }';
const SWITCH = '{ name: sw, address: 10.200.0.3, snmp: { profile: lab, interval_s: 5 } }';

describe('guaita up', { timeout: 120_000 }, () => {
  it('watches by ICMP and SNMP, tells what goes silent and comes back, and follows the inventory as it changes', async () => {
    const devices = await write(
      'devices.yaml',
      inventory(ROUTER, AP, SWITCH.replace('profile: lab', `profile: lab, port: ${agent.port}`)),
    );
    const config = await write(
      'guaita.yaml',
      'snmp:\n  profiles:\n    lab: { version: 2c, community: e2e-secret, allowed: [10.200.0.0/16] }\n',
    );
    const guaita = startMonitor({ config, devices, 'mqtt-port': '1883', 'http-port': '7480' }, '--json');

    await guaita.event({ event: 'device', device: 'router', check: 'ping', state: 'up' });
    await guaita.event({ event: 'device', device: 'ap', check: 'ping', state: 'up' });
    await guaita.event({ event: 'device', device: 'sw', check: 'snmp', state: 'up' });
    await guaita.event({ event: 'service', monitor: 'pi-1', service: 'assign', state: 'online' });

    // A subscriber who knows nothing of us sees all of it, as JSON, on the broker.
    const heard = await listen('-t', 'guaita/monitor/pi-1/ping/router', '-C', '1', '-W', '10', '-F', '%p');
    expect(JSON.parse(heard.stdout)).toMatchObject({ address: '10.200.0.1', state: 'up', sent: 1, received: 1 });
    const spec = await listen('-t', 'guaita/device/ap/spec', '-C', '1', '-W', '10', '-F', '%p');
    expect(JSON.parse(spec.stdout)).toMatchObject({ device: 'ap', parents: ['router'], monitors: ['pi-1'] });

    // A device falls silent: it is down only after its confirmation, and up again when it is back.
    let from = guaita.events.length;
    await namespace.silence('10.200.0.2');
    await guaita.event({ event: 'device', device: 'ap', check: 'ping', state: 'down', previous: 'up' }, from);
    await namespace.wake('10.200.0.2');
    await guaita.event({ event: 'device', device: 'ap', check: 'ping', state: 'up', previous: 'down' }, from);

    // A bad change changes nothing and is said; the mended one is applied as a difference.
    from = guaita.events.length;
    await write('devices.yaml', inventory(ROUTER, '{ name: new, address: 10.200.0 }'));
    await guaita.until(
      () => (guaita.errors.includes('is not an IP address or host name') ? true : undefined),
      'the mistake',
    );
    const health = await namespace.run(process.execPath, [
      '--eval',
      "fetch('http://127.0.0.1:7480/healthz').then(({ status }) => console.log(String(status)))",
    ]);
    expect(health.stdout.trim()).toBe('503');
    await write('devices.yaml', inventory(ROUTER, '{ name: new, address: 10.200.0.9 }'));
    await guaita.event({ event: 'device', device: 'new', state: 'up' }, from);
    const gone = await listen(
      '-t',
      'guaita/host/pi-1/assigned/ap',
      '-t',
      'guaita/device/ap/spec',
      '-W',
      '2',
      '-F',
      '%t',
    );
    expect(gone.stdout).toBe('');
    expect(guaita.events.slice(from).filter(({ device }) => device === 'router')).toEqual([]);

    // Nothing that anybody can read holds the secret.
    const everything = await listen('-t', '#', '-W', '3', '-v');
    expect(everything.stdout).toContain('guaita/monitor/pi-1/ping/router');
    expect(everything.stdout + guaita.errors + JSON.stringify(guaita.events)).not.toContain('e2e-secret');

    expect(await guaita.stop()).toBe(0);
  });

  it('starts with nothing given, on this host, and prints lines for people', async () => {
    const guaita = startMonitor({ data: join(folder, 'data') });
    await guaita.until(() => guaita.lines.find((line) => line.includes('  up ')), 'a device that is up');
    await guaita.until(
      () => guaita.lines.find((line) => /summary +\d+ devices? · [1-9]\d* up/.test(line)),
      'a summary',
    );
    expect(guaita.lines[0]).toMatch(
      /^Guaita \d+\.\d+\.\d+: monitor pi-1 of site home watches .*examples\/devices\.yaml$/,
    );
    const code = await guaita.stop('SIGTERM');
    expect(code, guaita.errors).toBe(0);
    expect(await readdir(join(folder, 'data'))).toContain('broker');
  });

  it('says that it is isolated when its anchors fall silent, and that it is back when they answer', async () => {
    const devices = await write('devices.yaml', inventory(ROUTER, AP));
    const config = await write('guaita.yaml', 'ping: { anchors: [10.200.255.1] }\n');
    const guaita = startMonitor({ config, devices }, '--json');
    await guaita.event({ event: 'device', device: 'ap', state: 'up' });
    const from = guaita.events.length;
    await namespace.pullCable();
    try {
      await guaita.event({ event: 'monitor', monitor: 'pi-1', isolated: true }, from);
    } finally {
      await namespace.plugCable();
    }
    await guaita.event({ event: 'monitor', monitor: 'pi-1', isolated: false }, from);
    expect(await guaita.stop()).toBe(0);
  });

  it('waits, and says so, where the inventory is not there yet', async () => {
    const guaita = startMonitor({ devices: 'late.yaml' }, '--json');
    await guaita.until(() => (/late\.yaml/.test(guaita.errors) ? true : undefined), 'the complaint');
    await write('late.yaml', inventory(ROUTER));
    await guaita.event({ event: 'device', device: 'router', state: 'up' });
    expect(await guaita.stop()).toBe(0);
  });

  it.each([
    [['up', '--mqtt-port', 'many'], 2, /--mqtt-port/],
    [['up', '--config', 'absent.yaml'], 2, /absent\.yaml/],
    [['up', '--divices', 'x'], 2, /--devices/],
    [['fly'], 2, /unknown command 'fly'/],
    [['devices', 'check', 'absent.yaml'], 1, /absent\.yaml: cannot be read/],
  ])('of %j ends with exit code %i and says why', async (args, code, message) => {
    const guaita = start(...args);
    expect(await guaita.ended()).toBe(code);
    expect(guaita.errors + guaita.lines.join('\n')).toMatch(message);
  });
});

describe('a broker with users', { timeout: 120_000 }, () => {
  it('refuses whoever gives no name, lets its users in, and its services work', async () => {
    const devices = await write('devices.yaml', inventory(ROUTER));
    const hash = await namespace.run(process.execPath, [MAIN, 'hash-password'], 'correct horse');
    const ada = `{ password_hash: '${hash.stdout.trim()}', read: ['guaita/#'] }`;
    const config = await write('guaita.yaml', `broker: { port: 1885, users: { ada: ${ada} } }\n`);
    const monitor = startMonitor({ config, devices, 'mqtt-port': '1885' }, '--json');
    await monitor.event({ event: 'device', device: 'router', check: 'ping', state: 'up' });

    const one = ['-p', '1885', '-t', 'guaita/monitor/pi-1/ping/router', '-C', '1', '-W', '10', '-F', '%p'];
    const nameless = await listen(...one);
    expect(nameless.stderr).toMatch(/not authori[sz]ed/i);
    const heard = await listen(...one, '-u', 'ada', '-P', 'correct horse');
    expect(JSON.parse(heard.stdout)).toMatchObject({ state: 'up' });
    expect(await monitor.stop()).toBe(0);
  });
});

describe('guaita watch and doctor', { timeout: 120_000 }, () => {
  it('follow the broker of a monitor that runs', async () => {
    const devices = await write('devices.yaml', inventory(ROUTER));
    const monitor = startMonitor({ devices, 'mqtt-port': '1884' }, '--json');
    await monitor.event({ event: 'device', device: 'router', state: 'up' });

    // Its port is found by the configuration that the monitor would be started with.
    await write('guaita.yaml', 'broker: { port: 1884 }\n');
    const watch = start('watch', '--json');
    await watch.event({ event: 'device', monitor: 'pi-1', device: 'router', state: 'up', previous: null });
    expect(await watch.stop()).toBe(0);

    // A reader that goes away is no fault.
    const command = `cd '${folder}' && { '${process.execPath}' '${MAIN}' watch --json; echo "code $?" >&2; } | head -n 1`;
    const head = await namespace.run('sh', ['-c', command]);
    expect(head.stdout.split('\n')).toHaveLength(2);
    expect(head.stderr).toBe('code 0\n');

    const doctor = start('doctor', '--json', '--devices', devices);
    await doctor.ended();
    const [report] = doctor.events as [{ findings: { check: string; level: string }[] }];
    expect(report.findings.filter(({ level }) => level === 'failure')).toEqual([]);
    expect(report.findings.find(({ check }) => check === 'broker')).toMatchObject({
      level: 'ok',
      detail: expect.stringContaining('lets us in') as string,
    });
    expect(await monitor.stop()).toBe(0);
  });
});
