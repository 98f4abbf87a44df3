import { startSnmpd, type Snmpd } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Listener } from './listener.ts';
import { NO_DEVICES, Stage } from './stage.ts';

const PORT = 1899;
const ROUTER = '10.200.0.1';
/** Behind a path whose delay is ours to choose. */
const FAR = '10.220.0.7';
/** ifInErrors of the IF-MIB. */
const IF_IN_ERRORS = '.1.3.6.1.2.1.2.2.1.14';
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 90_000, interval: 100 };

/** Two monitors on one Mosquitto, and a router that is a real snmpd: its interfaces are those of the namespace. */
let stage: Stage;
let snmpd: Snmpd;
let listener: Listener;
/** Alerts and their ends, in few words. */
const alerts: string[] = [];
/** Of the device that is far, by both. */
let farProbes = 0;
/** Of the router, by topic. */
const polls = new Map<string, number>();

beforeAll(async () => {
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
  stage = await Stage.begin({ 'guaita.yaml': `${lines.join('\n')}\n` });
  await stage.run('ip', 'link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'cable0');
  for (const end of ['port0', 'cable0']) await stage.run('ip', 'link', 'set', end, 'up');
  await beginFarPath();
  snmpd = await startSnmpd({
    addresses: ['0.0.0.0'],
    config: await snmpdConfig(),
    spawn: (command, args, env) => stage.namespace.spawn(command, args, { env }),
  });
  stage.onEnd(() => snmpd.stop());
  const checks = `ping: { interval_s: 1, count: 4 }, snmp: { profile: lab, interval_s: 5, port: ${snmpd.port} }`;
  const devices = [
    `{ name: Router, address: ${ROUTER}, ${checks} }`,
    `{ name: Far, address: ${FAR}, ping: { interval_s: 1, count: 1 } }`,
  ];
  await writeFile(join(stage.folder, 'all.yaml'), `devices: [${devices.join(', ')}]\n`);
  await stage.mosquitto(PORT);
  for (const monitor of ['ada', 'bob']) start(monitor);
  listener = stage.listen('ada', PORT);
  listener.watch(({ topic }) => {
    if (topic.endsWith('/ping/far')) farProbes += 1;
    if (topic.endsWith('/snmp/router')) polls.set(topic, (polls.get(topic) ?? 0) + 1);
  });
  listener.alerts((alert) => {
    const { kind, part, subject, resolves } = alert as {
      readonly kind: string;
      readonly part?: string;
      readonly subject: string;
      readonly resolves: boolean;
    };
    if (subject !== 'router' && subject !== 'far') return;
    const what = `${kind} ${part ?? ''}`.trim() + (subject === 'far' ? ' of far' : '');
    alerts.push(resolves ? `end of ${what}` : what);
  });
  await eventually(() => {
    expect(listener.newest.get('guaita/device/router/state')).toMatchObject({ state: 'up', seen_by: [{}, {}] });
    expect(pollers()).toHaveLength(1);
  });
}, 180_000);

afterAll(() => stage.end());

/** A path to the device that is far, on which each packet takes as long as it is told to. */
async function beginFarPath(): Promise<void> {
  await takeLong(10);
  const program = [join(import.meta.dirname, 'slow-path.pl'), 'far0', join(stage.folder, 'delay')];
  const path = stage.namespace.spawn('perl', program);
  stage.onEnd(async () => {
    const ended = once(path, 'close');
    path.kill('SIGKILL');
    await ended;
  });
  await once(path.stdout!, 'data');
  await stage.run('ip', 'addr', 'add', '10.220.0.1/24', 'dev', 'far0');
  await stage.run('ip', 'link', 'set', 'far0', 'up');
}

/** From now on the way to the device that is far takes so long, there and back. */
async function takeLong(delay_ms: number): Promise<void> {
  await writeFile(join(stage.folder, 'delay'), `${delay_ms}\n`);
}

/**
 * A cable of 1 Mbit/s; interfaces are looked at every few seconds. Real traffic goes over it, but nothing here damages
 * packets: its count of errors (ifInErrors) is a script’s, which rises while there is a file.
 */
async function snmpdConfig(): Promise<string> {
  const shown = await stage.run('ip', '-json', 'link', 'show', 'port0');
  const [{ ifindex }] = JSON.parse(shown) as [{ readonly ifindex: number }];
  const row = `${IF_IN_ERRORS}.${ifindex}`;
  const script = join(stage.folder, 'errors.sh');
  await writeFile(
    script,
    [
      `[ "$1" = -g ] && [ "$2" != ${row} ] && exit`,
      `[ "$1" = -n ] && [ "$2" != ${IF_IN_ERRORS} ] && case "$2" in ${IF_IN_ERRORS}.*) [ "\${2##*.}" -ge ${ifindex} ] && exit ;; *) exit ;; esac`,
      `count=$(cat ${join(stage.folder, 'count')} 2>/dev/null || echo 7)`,
      `[ -e ${join(stage.folder, 'damage')} ] && count=$((count + 500)) && echo $count > ${join(stage.folder, 'count')}`,
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
  await stage.run('ip', 'addr', 'replace', '10.210.0.1/24', 'dev', 'port0');
  await stage.run('ip', 'neigh', 'replace', '10.210.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'port0');
  const program =
    'const s = require("node:dgram").createSocket("udp4");' +
    'setInterval(() => s.send(Buffer.alloc(1250), 9, "10.210.0.2"), 5);';
  return stage.namespace.spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
}

function start(monitor: string): void {
  stage.up(monitor, {
    ...{ broker: `mqtt://127.0.0.1:${PORT}`, 'monitors-per-device': '2', config: 'guaita.yaml' },
    devices: monitor === 'ada' ? 'all.yaml' : NO_DEVICES,
  });
}

/** Who polls the router, and has seen its port. */
function pollers(): string[] {
  return [...stage.monitors.keys()].filter((monitor) => {
    const interfaces = listener.newest.get(`guaita/monitor/${monitor}/snmp/router`)?.['interfaces'];
    return interfaces !== null && typeof interfaces === 'object' && 'port0' in interfaces;
  });
}

describe('a router that answers', { timeout: 300_000 }, () => {
  it('that loses pings is an alert, until it does not', async () => {
    await stage.run('nft', 'add', 'table', 'inet', 'lossy');
    await stage.run('nft', 'add', 'chain', 'inet', 'lossy', 'in', '{ type filter hook input priority 0; }');
    const half = `ip daddr ${ROUTER} icmp type echo-request numgen inc mod 2 0 drop`;
    await stage.run('nft', 'add', 'rule', 'inet', 'lossy', 'in', half);
    await eventually(() => expect(alerts).toEqual(['loss']));
    await stage.run('nft', 'delete', 'table', 'inet', 'lossy');
    await eventually(() => expect(alerts).toEqual(['loss', 'end of loss']));
  });

  it('one of whose ports is busy is an alert, until it is not', async () => {
    alerts.length = 0;
    const sender = await traffic();
    await eventually(() => expect(alerts).toEqual(['utilisation port0']));
    const ended = once(sender, 'exit');
    sender.kill('SIGKILL');
    await ended;
    await eventually(() => expect(alerts).toEqual(['utilisation port0', 'end of utilisation port0']));
  });

  it('one of whose ports gets damaged packets is an alert, until it does not', async () => {
    alerts.length = 0;
    await writeFile(join(stage.folder, 'damage'), '');
    await eventually(() => expect(alerts).toEqual(['errors port0']));
    await rm(join(stage.folder, 'damage'));
    await eventually(() => expect(alerts).toEqual(['errors port0', 'end of errors port0']));
  });

  it('that is slower than usual to answer is an alert, until it is not', async () => {
    alerts.length = 0;
    // What is usual is known after 60 probes.
    await eventually(() => expect(farProbes).toBeGreaterThan(140), { ...PATIENCE, timeout: 200_000 });
    // Far more than twice what a busy machine adds.
    await takeLong(400);
    await eventually(() => expect(alerts).toEqual(['latency of far']));
    await takeLong(10);
    await eventually(() => expect(alerts).toEqual(['latency of far', 'end of latency of far']));
  });

  it('whose cable is pulled is one alert on the port, over the death of who polled it, until it is back', async () => {
    alerts.length = 0;
    await stage.run('ip', 'link', 'set', 'cable0', 'down');
    await eventually(() => expect(alerts).toEqual(['interface-down port0']));
    const [poller = ''] = pollers();
    await stage.monitors.get(poller)?.stop('SIGKILL');
    const [other = ''] = [...stage.monitors.keys()].filter((monitor) => monitor !== poller);
    await eventually(() => {
      expect(listener.newest.get(`guaita/monitor/${other}/trouble/router`)).toMatchObject({
        troubles: [{ kind: 'interface-down', part: 'port0' }],
      });
    });
    await stage.run('ip', 'link', 'set', 'cable0', 'up');
    await eventually(() => expect(alerts).toEqual(['interface-down port0', 'end of interface-down port0']));
    start(poller);
  });

  it('that restarts is an alert for a while', async () => {
    alerts.length = 0;
    // Who polls it now may have just begun to: a restart is told by two polls of one monitor.
    polls.clear();
    await eventually(() => expect(Math.max(...polls.values())).toBeGreaterThan(1));
    await snmpd.restart();
    await eventually(() => expect(alerts).toEqual(['reboot', 'end of reboot']));
  });
});
