import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { withNamespace, type Namespace } from '@guaita/lab';
import { PING_DEFAULTS } from '@guaita/model';
import { fpingArguments } from '@guaita/ping';
import { serviceAsInImage } from './as-in-image.ts';
import type { BenchOptions } from './main.ts';
import { perSecond, type Seen } from './ping/per-second.ts';
import { processCpu, processMemory } from './process-cpu.ts';
import type { BenchResult, Row } from './report.ts';

const DEVICES = 10_000;
const INTERVAL_S = 60;
const MONITOR = 'bench';
/**
 * Until the start is over: first probes take 20 s at 500 a second, and a device's phase may begin one and a half
 * intervals after that of its first probe.
 */
const SETTLE_S = 20 + 1.5 * INTERVAL_S + 5;

const addresses = Array.from({ length: DEVICES }, (_, index) => `10.200.${index >> 8}.${index & 255}`);
const script = (path: string): string => new URL(path, import.meta.url).pathname;

/**
 * CPU for each device check: the whole ping service with its fping, beside bare fping on the same batches with the same
 * flags, the `ping` package and Debian's blackbox exporter, on the same 10,000 addresses of a network namespace.
 */
export async function benchPing({ progress }: BenchOptions): Promise<BenchResult> {
  return withNamespace({ networks: ['10.200.0.0/16'] }, async (namespace) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-ping-'));
    try {
      progress(`the ping service with ${DEVICES} devices: ${SETTLE_S} s to settle, ${INTERVAL_S} s measured`);
      const service = await measureService(namespace, folder);
      progress('bare fping: 60 batches, one a second');
      const fping_us = await measureFping(namespace, folder);
      progress('the blackbox exporter, its scrapes spread over a minute');
      const blackbox_us = await measureBlackbox(namespace, folder);
      progress('the ping package');
      const package_us = await measurePackage(namespace);
      const rows: Row[] = [
        ...service.rows,
        cpuRow('fping alone', fping_us),
        cpuRow('blackbox_exporter', blackbox_us),
        cpuRow('ping package', package_us),
      ];
      return {
        rows,
        ratios: {
          cpu_vs_fping: service.cpu_us / fping_us,
          cpu_vs_blackbox: service.cpu_us / blackbox_us,
          cpu_vs_ping_package: service.cpu_us / package_us,
        },
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

function cpuRow(subject: string, value: number): Row {
  return { subject, metric: 'CPU per device check', value, unit: 'µs' };
}

async function measureService(namespace: Namespace, folder: string): Promise<{ cpu_us: number; rows: Row[] }> {
  const program = await serviceAsInImage('ping');
  const broker = namespace.spawn('mosquitto', ['-c', await mosquittoConfiguration(folder)], { stdio: 'ignore' });
  await untilListening(namespace, 1883);
  const service = namespace.spawn(
    process.execPath,
    [...program, '--broker', 'mqtt://127.0.0.1:1883', '--monitor', MONITOR, '--data', folder],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, GUAITA_LOG_LEVEL: 'warn', GUAITA_HTTP_PORT: '0' },
    },
  );
  const observer = namespace.spawn(
    process.execPath,
    [script('./ping/observer.ts'), 'mqtt://127.0.0.1:1883', MONITOR, String(INTERVAL_S)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const seen: Seen[] = [];
  createInterface({ input: observer.stdout! }).on('line', (line) => {
    const [at_ms, device, state] = line.split(' ');
    if (device !== undefined) seen.push({ at_ms: Number(at_ms), device, up: state === 'up' });
  });
  observer.stdin!.end(addresses.map((address, index) => `device-${index} ${address}\n`).join(''));
  await sleep(SETTLE_S * 1000);

  const pid = service.pid!;
  if (service.exitCode !== null) throw new Error('the ping service has ended');
  const from_ms = Date.now();
  const before = processCpu(pid);
  await sleep(INTERVAL_S * 1000);
  const after = processCpu(pid);
  const memory = processMemory(pid);
  // Two seconds more, so that the window of the evenness can be laid between two batches.
  await sleep(2000);
  for (const child of [service, observer, broker]) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }

  const even = perSecond(seen, from_ms, INTERVAL_S);
  const own_us = ((after.own_s - before.own_s) * 1e6) / even.observations;
  const children_us = ((after.children_s - before.children_s) * 1e6) / even.observations;
  const subject = 'guaita ping';
  return {
    cpu_us: own_us + children_us,
    rows: [
      cpuRow(subject, own_us + children_us),
      { subject, metric: '… of that the service itself', value: own_us, unit: 'µs' },
      { subject, metric: '… of that its fping', value: children_us, unit: 'µs' },
      { subject, metric: 'memory', value: memory.now_bytes / 1e6, unit: 'MB' },
      { subject, metric: 'memory at most', value: memory.peak_bytes / 1e6, unit: 'MB' },
      { subject, metric: 'devices probed exactly once in the interval', value: even.once, unit: 'devices' },
      { subject, metric: 'devices seen up', value: even.up, unit: 'devices' },
      { subject, metric: 'furthest second from the mean', value: even.deviation_percent, unit: '%' },
    ],
  };
}

/** One fping for each second's batch, as the service would start it, and nothing else; what it prints is thrown away. */
async function measureFping(namespace: Namespace, folder: string): Promise<number> {
  const batches = Array.from({ length: INTERVAL_S }, (_, second) =>
    addresses.filter((_address, index) => index % INTERVAL_S === second),
  );
  const lines: string[] = [];
  for (const [second, batch] of batches.entries()) {
    const file = join(folder, `batch-${second}`);
    await writeFile(file, `${batch.join('\n')}\n`);
    const flags = fpingArguments({ ...PING_DEFAULTS, address: '', count: 1 }, batch.length).join(' ');
    lines.push(`fping ${flags} < ${file} > /dev/null 2>&1; sleep 0.6`);
  }
  // The shell's own children are all but fping negligible: `sleep` is taken off below.
  const cpu = async (commands: readonly string[]): Promise<number> => {
    const { stdout } = await namespace.run('bash', ['-c', `${commands.join('\n')}\ntimes`]);
    const [user = '', system = ''] = stdout.trim().split('\n').at(-1)?.split(' ') ?? [];
    return minutes(user) + minutes(system);
  };
  const with_s = await cpu(lines);
  const sleeping_s = await cpu(lines.map(() => 'sleep 0.01'));
  return ((with_s - sleeping_s) * 1e6) / DEVICES;
}

/** Reads `0m1.234s`, as the shell's `times` prints it. */
function minutes(text: string): number {
  const [, whole, seconds] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  if (seconds === undefined) throw new Error(`the shell’s times are not readable: ${text}`);
  return Number(whole) * 60 + Number(seconds);
}

async function measureBlackbox(namespace: Namespace, folder: string): Promise<number> {
  const config = join(folder, 'blackbox.yml');
  await writeFile(
    config,
    'modules:\n  icmp:\n    prober: icmp\n    timeout: 1s\n    icmp:\n      preferred_ip_protocol: ip4\n',
  );
  const exporter = namespace.spawn(
    'prometheus-blackbox-exporter',
    [`--config.file=${config}`, '--web.listen-address=127.0.0.1:9115', '--log.level=error'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await untilListening(namespace, 9115);
  const before = processCpu(exporter.pid!);
  await runOverAll(namespace, [script('./ping/scrape.ts'), 'http://127.0.0.1:9115/probe', String(INTERVAL_S)]);
  const after = processCpu(exporter.pid!);
  exporter.kill('SIGTERM');
  await once(exporter, 'exit');
  return ((after.own_s - before.own_s) * 1e6) / DEVICES;
}

async function measurePackage(namespace: Namespace): Promise<number> {
  const { stdout } = await namespace.run(
    'bash',
    ['-c', `${process.execPath} ${script('./ping/ping-package.ts')}; times`],
    `${addresses.join('\n')}\n`,
  );
  const [answered, , children = ''] = stdout.trim().split('\n');
  if (Number(answered) !== DEVICES) throw new Error(`only ${answered} of ${DEVICES} answered the ping package`);
  const [user = '', system = ''] = children.split(' ');
  return ((minutes(user) + minutes(system)) * 1e6) / DEVICES;
}

async function runOverAll(namespace: Namespace, args: readonly string[]): Promise<void> {
  const { stdout, stderr } = await namespace.run(process.execPath, args, `${addresses.join('\n')}\n`);
  if (Number(stdout) !== DEVICES) throw new Error(`${stdout.trim()} of ${DEVICES} answered. ${stderr}`);
}

async function mosquittoConfiguration(folder: string): Promise<string> {
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, 'listener 1883 127.0.0.1\nallow_anonymous true\nlog_type none\nmax_queued_messages 0\n');
  return file;
}

async function untilListening(namespace: Namespace, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { code } = await namespace.run('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
    if (code === 0) return;
    await sleep(100);
  }
  throw new Error(`nothing listens on port ${port} of the namespace`);
}
