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
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 90_000, interval: 100 };

/** Two monitors on one Mosquitto, and a router that is a real snmpd: its interfaces are those of the namespace. */
let namespace: Namespace;
let folder: string;
let mosquitto: ChildProcess;
let snmpd: Snmpd;
let listener: Listener;
const running = new Map<string, GuaitaProcess>();
/** Alerts and their ends, in few words. */
const alerts: string[] = [];

beforeAll(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
  folder = await mkdtemp(join(tmpdir(), 'guaita-measurements-'));
  await inside('ip', 'link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'cable0');
  for (const end of ['port0', 'cable0']) await inside('ip', 'link', 'set', end, 'up');
  snmpd = await startSnmpd({
    addresses: ['0.0.0.0'],
    // Interfaces are looked at anew for each poll.
    config: 'cacheTime 1\nnetsnmpCacheTimeout 1',
    spawn: (command, args, env) => namespace.spawn(command, args, { env }),
  });
  const checks = `ping: { interval_s: 1, count: 4 }, snmp: { profile: lab, interval_s: 2, port: ${snmpd.port} }`;
  await writeFile(join(folder, 'all.yaml'), `devices:\n  - { name: Router, address: ${ROUTER}, ${checks} }\n`);
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  const lines = [
    'snmp: { profiles: { lab: { community: public, allowed: [10.200.0.0/16] } } }',
    'alert:',
    '  measurements:',
    '    off: [latency, errors, utilisation]',
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
    if (!topic.startsWith('guaita/alert/') || value?.['subject'] !== 'router') return;
    const { kind, part } = value as { readonly kind: string; readonly part?: string };
    const what = part === undefined ? kind : `${kind} ${part}`;
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
  await snmpd.stop();
  await rm(folder, { recursive: true });
  await namespace.stop();
});

async function inside(...command: readonly [string, ...string[]]): Promise<void> {
  const [program, ...args] = command;
  const { code, stderr } = await namespace.run(program, args);
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
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
    await snmpd.restart();
    await vi.waitFor(() => expect(alerts).toEqual(['reboot', 'end of reboot']), PATIENCE);
  });
});
