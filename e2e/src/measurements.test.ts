import { startNamespace, startSnmpd, type Namespace, type Snmpd } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GuaitaProcess } from './guaita-process.ts';
import { Listener } from './listener.ts';

const PORT = 1899;
const ROUTER = '10.200.0.1';
/** Behind a path whose delay is ours to choose. */
const FAR = '10.220.0.7';
/** ifInErrors of the IF-MIB. */
const IF_IN_ERRORS = '.1.3.6.1.2.1.2.2.1.14';
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 90_000, interval: 100 };

/** Two monitors on one Mosquitto, and a router that is a real snmpd: its interfaces are those of the namespace. */
let namespace: Namespace;
let folder: string;
let mosquitto: ChildProcess;
let snmpd: Snmpd;
let farPath: ChildProcess;
let listener: Listener;
const running = new Map<string, GuaitaProcess>();
/** Alerts and their ends, in few words. */
const alerts: string[] = [];
/** Of the device that is far, by both. */
let farProbes = 0;
/** Of the router, by topic. */
const polls = new Map<string, number>();

beforeAll(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
  folder = await mkdtemp(join(tmpdir(), 'guaita-measurements-'));
  await inside('ip', 'link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'cable0');
  for (const end of ['port0', 'cable0']) await inside('ip', 'link', 'set', end, 'up');
  await takeLong(10);
  farPath = namespace.spawn('perl', [join(import.meta.dirname, 'slow-path.pl'), 'far0', join(folder, 'delay')]);
  await once(farPath.stdout!, 'data');
  await inside('ip', 'addr', 'add', '10.220.0.1/24', 'dev', 'far0');
  await inside('ip', 'link', 'set', 'far0', 'up');
  snmpd = await startSnmpd({
    addresses: ['0.0.0.0'],
    config: await snmpdConfig(),
    spawn: (command, args, env) => namespace.spawn(command, args, { env }),
  });
  const checks = `ping: { interval_s: 1, count: 4 }, snmp: { profile: lab, interval_s: 5, port: ${snmpd.port} }`;
  const devices = [
    `{ name: Router, address: ${ROUTER}, ${checks} }`,
    `{ name: Far, address: ${FAR}, ping: { interval_s: 1, count: 1 } }`,
  ];
  await writeFile(join(folder, 'all.yaml'), `devices: [${devices.join(', ')}]\n`);
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  const lines = [
    'snmp: { profiles: { lab: { community: public, allowed: [10.200.0.0/16] } } }',
    'alert:',
    '  measurements:',
    '    latency: { over_s: 5, begin_after_s: 2, end_after_s: 2 }',
    '    utilisation: { begin_after_s: 3, end_after_s: 3 }',
    '    errors: { begin_after_s: 3, end_after_s: 3 }',
    '    loss: { over_s: 5, begin_after_s: 2, end_after_s: 2 }',
    '    interface_down: { begin_after_s: 2, end_after_s: 2 }',
    '    reboot: { lasts_s: 20 }',
  ];
  await writeFile(join(folder, 'guaita.yaml'), `${lines.join('\n')}\n`);
  mosquitto = namespace.spawn('mosquitto', ['-p', String(PORT)], { stdio: 'ignore' });
  for (const monitor of ['ada', 'bob']) start(monitor);
  // Its broker listens by then.
  await running.get('ada')?.until(() => running.get('ada')?.events[0], 'its first event');
  listener = new Listener(namespace, PORT, 'guaita/#');
  listener.watch(({ topic, value }) => {
    if (topic.endsWith('/ping/far')) farProbes += 1;
    if (topic.endsWith('/snmp/router')) polls.set(topic, (polls.get(topic) ?? 0) + 1);
    if (!topic.startsWith('guaita/alert/') || value === undefined) return;
    const { kind, part, subject } = value as {
      readonly kind: string;
      readonly part?: string;
      readonly subject: string;
    };
    if (subject !== 'router' && subject !== 'far') return;
    const what = `${kind} ${part ?? ''}`.trim() + (subject === 'far' ? ' of far' : '');
    alerts.push(value['resolves'] === true ? `end of ${what}` : what);
  });
  await vi.waitFor(() => {
    expect(listener.newest.get('guaita/device/router/state')).toMatchObject({ state: 'up', seen_by: [{}, {}] });
    expect(pollers()).toHaveLength(1);
  }, PATIENCE);
}, 180_000);

afterAll(async () => {
  await listener.stop();
  for (const guaita of running.values()) await guaita.stop('SIGKILL');
  const closed = once(mosquitto, 'close');
  mosquitto.kill('SIGKILL');
  await closed;
  const ended = once(farPath, 'close');
  farPath.kill('SIGKILL');
  await ended;
  await snmpd.stop();
  await rm(folder, { recursive: true });
  await namespace.stop();
});

async function inside(...command: readonly [string, ...string[]]): Promise<void> {
  const [program, ...args] = command;
  const { code, stderr } = await namespace.run(program, args);
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
}

/** From now on the way to the device that is far takes so long, there and back. */
async function takeLong(delay_ms: number): Promise<void> {
  await writeFile(join(folder, 'delay'), `${delay_ms}\n`);
}

/**
 * A cable of 1 Mbit/s; interfaces are looked at every few seconds. Real traffic goes over it, but nothing here damages
 * packets: its count of errors (ifInErrors) is a script’s, which rises while there is a file.
 */
async function snmpdConfig(): Promise<string> {
  const { stdout } = await namespace.run('ip', ['-json', 'link', 'show', 'port0']);
  const [{ ifindex }] = JSON.parse(stdout) as [{ readonly ifindex: number }];
  const row = `${IF_IN_ERRORS}.${ifindex}`;
  const script = join(folder, 'errors.sh');
  await writeFile(
    script,
    [
      `[ "$1" = -g ] && [ "$2" != ${row} ] && exit`,
      `[ "$1" = -n ] && [ "$2" != ${IF_IN_ERRORS} ] && case "$2" in ${IF_IN_ERRORS}.*) [ "\${2##*.}" -ge ${ifindex} ] && exit ;; *) exit ;; esac`,
      `count=$(cat ${join(folder, 'count')} 2>/dev/null || echo 7)`,
      `[ -e ${join(folder, 'damage')} ] && count=$((count + 500)) && echo $count > ${join(folder, 'count')}`,
      `printf '%s\\ncounter\\n%s\\n' ${row} $count`,
    ].join('\n'),
  );
  return [
    ...['cacheTime 1', 'netsnmpCacheTimeout 1'],
    'interface port0 6 1000000',
    `pass -p 1 ${IF_IN_ERRORS} /bin/sh ${script}`,
  ].join('\n');
}

/** Sends 2 Mbit/s over the cable until it is ended: to a neighbour that is the cable’s other end. */
async function traffic(): Promise<ChildProcess> {
  await inside('ip', 'addr', 'replace', '10.210.0.1/24', 'dev', 'port0');
  await inside('ip', 'neigh', 'replace', '10.210.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'port0');
  const program =
    'const s = require("node:dgram").createSocket("udp4");' +
    'setInterval(() => s.send(Buffer.alloc(1250), 9, "10.210.0.2"), 5);';
  return namespace.spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
}

function start(monitor: string): void {
  const flags = {
    ...{ monitor, broker: `mqtt://127.0.0.1:${PORT}`, 'http-port': '0', data: join(folder, monitor) },
    ...{ config: 'guaita.yaml', devices: monitor === 'ada' ? 'all.yaml' : 'none.yaml', 'monitors-per-device': '2' },
  };
  running.set(monitor, GuaitaProcess.up(namespace, flags, folder));
}

/** Who polls the router, and has seen its port. */
function pollers(): string[] {
  return [...running.keys()].filter((monitor) => {
    const interfaces = listener.newest.get(`guaita/monitor/${monitor}/snmp/router`)?.['interfaces'];
    return interfaces !== null && typeof interfaces === 'object' && 'port0' in interfaces;
  });
}

describe('a router that answers', { timeout: 300_000 }, () => {
  it('that loses pings is an alert, until it does not', async () => {
    await inside('nft', 'add', 'table', 'inet', 'lossy');
    await inside('nft', 'add', 'chain', 'inet', 'lossy', 'in', '{ type filter hook input priority 0; }');
    const half = `ip daddr ${ROUTER} icmp type echo-request numgen inc mod 2 0 drop`;
    await inside('nft', 'add', 'rule', 'inet', 'lossy', 'in', half);
    await vi.waitFor(() => expect(alerts).toEqual(['loss']), PATIENCE);
    await inside('nft', 'delete', 'table', 'inet', 'lossy');
    await vi.waitFor(() => expect(alerts).toEqual(['loss', 'end of loss']), PATIENCE);
  });

  it('one of whose ports is busy is an alert, until it is not', async () => {
    alerts.length = 0;
    const sender = await traffic();
    await vi.waitFor(() => expect(alerts).toEqual(['utilisation port0']), PATIENCE);
    const ended = once(sender, 'exit');
    sender.kill('SIGKILL');
    await ended;
    await vi.waitFor(() => expect(alerts).toEqual(['utilisation port0', 'end of utilisation port0']), PATIENCE);
  });

  it('one of whose ports gets damaged packets is an alert, until it does not', async () => {
    alerts.length = 0;
    await writeFile(join(folder, 'damage'), '');
    await vi.waitFor(() => expect(alerts).toEqual(['errors port0']), PATIENCE);
    await rm(join(folder, 'damage'));
    await vi.waitFor(() => expect(alerts).toEqual(['errors port0', 'end of errors port0']), PATIENCE);
  });

  it('that is slower than usual to answer is an alert, until it is not', async () => {
    alerts.length = 0;
    // What is usual is known after 60 probes.
    await vi.waitFor(() => expect(farProbes).toBeGreaterThan(140), PATIENCE);
    await takeLong(90);
    await vi.waitFor(() => expect(alerts).toEqual(['latency of far']), PATIENCE);
    await takeLong(10);
    await vi.waitFor(() => expect(alerts).toEqual(['latency of far', 'end of latency of far']), PATIENCE);
  });

  it('whose cable is pulled is one alert on the port, over the death of who polled it, until it is back', async () => {
    alerts.length = 0;
    await inside('ip', 'link', 'set', 'cable0', 'down');
    await vi.waitFor(() => expect(alerts).toEqual(['interface-down port0']), PATIENCE);
    const [poller = ''] = pollers();
    await running.get(poller)?.stop('SIGKILL');
    const [other = ''] = [...running.keys()].filter((monitor) => monitor !== poller);
    await vi.waitFor(() => {
      expect(listener.newest.get(`guaita/monitor/${other}/trouble/router`)).toMatchObject({
        troubles: [{ kind: 'interface-down', part: 'port0' }],
      });
    }, PATIENCE);
    await inside('ip', 'link', 'set', 'cable0', 'up');
    await vi.waitFor(() => expect(alerts).toEqual(['interface-down port0', 'end of interface-down port0']), PATIENCE);
    start(poller);
  });

  it('that restarts is an alert for a while', async () => {
    alerts.length = 0;
    // Who polls it now may have just begun to: a restart is told by two polls of one monitor.
    polls.clear();
    await vi.waitFor(() => expect(Math.max(...polls.values())).toBeGreaterThan(1), PATIENCE);
    await snmpd.restart();
    await vi.waitFor(() => expect(alerts).toEqual(['reboot', 'end of reboot']), PATIENCE);
  });
});
