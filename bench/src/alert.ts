import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withNamespace, type Namespace } from '@guaita/lab';
import { Ear, silenceAll } from './alert/silences.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult, Row } from './report.ts';

const MAIN = fileURLToPath(new URL('../../apps/guaita/src/main.ts', import.meta.url));
const DEVICES = 1_000;
/** As by default. */
const INTERVAL_s = 60;
/** What is promised beside the interval: to confirm, to agree and to tell. */
const CONFIRM_s = 5;
/** A busy machine may need longer to find all devices up. */
const START_PATIENCE_s = 180;
const PORT = 1883;

/** How long after a device fell silent its alert was heard, with one monitor, and with three that vote. */
export async function benchAlert({ progress, devices = DEVICES }: BenchOptions): Promise<BenchResult> {
  const rows: Row[] = [];
  const ratios: Record<string, number> = {};
  for (const monitors of [['m1'], ['m1', 'm2', 'm3']]) {
    const name = monitors.length === 1 ? 'one monitor' : `${monitors.length} monitors`;
    const times_s = await withNamespace({ networks: ['10.200.0.0/16'] }, (namespace) =>
      measure(namespace, monitors, devices, (line) => progress(`${name}: ${line}`)),
    );
    const late = times_s.filter((time_s) => time_s > INTERVAL_s + CONFIRM_s).length;
    const row = (metric: string, value: number, unit = 's'): Row => ({ subject: name, metric, value, unit });
    rows.push(
      row('devices that fell silent', devices, ''),
      row('alerts', times_s.length, ''),
      row('half told within', quantile(times_s, 0.5)),
      row('95 % told within', quantile(times_s, 0.95)),
      row('all told within', quantile(times_s, 1)),
    );
    ratios[`${monitors.length}_monitors_share_within_interval_and_5_s`] = (times_s.length - late) / devices;
  }
  return { rows, ratios };
}

/** @returns how long each alert took, in order. */
async function measure(
  namespace: Namespace,
  monitors: readonly string[],
  count: number,
  progress: (line: string) => void,
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-alert-'));
  const devices = Array.from({ length: count }, (_, n) => ({ id: `d${n}`, address: `10.200.${n >> 8}.${n & 255}` }));
  const processes: ChildProcess[] = [];
  let ear: Ear | undefined;
  try {
    await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
    const lines = devices.map(({ id, address }) => `  - { name: ${id}, address: ${address} }`);
    const defaults = `defaults: { ping: { interval_s: ${INTERVAL_s} } }`;
    await writeFile(join(folder, 'all.yaml'), [defaults, 'devices:', ...lines, ''].join('\n'));
    processes.push(namespace.spawn('mosquitto', ['-p', String(PORT)], { stdio: 'ignore' }));
    for (const [n, monitor] of monitors.entries()) {
      const flags = {
        ...{ monitor, broker: `mqtt://127.0.0.1:${PORT}`, 'http-port': '0', data: join(folder, monitor) },
        ...{ devices: n === 0 ? 'all.yaml' : 'none.yaml', 'monitors-per-device': String(monitors.length) },
      };
      const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
      processes.push(
        namespace.spawn(process.execPath, [MAIN, 'up', ...args, '--json'], { stdio: 'ignore', cwd: folder }),
      );
    }
    await pause(2_000);
    const heard = new Ear(namespace, PORT);
    ear = heard;
    await until(
      () => heard.up.size === count,
      START_PATIENCE_s,
      () => `only ${heard.up.size} devices are up`,
    );
    // Each has been probed by all by then, at its own time of the interval.
    await pause(INTERVAL_s * 1000);
    progress(`all are up; silencing ${count} devices over ${INTERVAL_s} s`);
    const silent_ms = await silenceAll(namespace, devices, INTERVAL_s);
    progress('all are silent');
    const all = (): boolean => devices.every(({ id }) => heard.told_ms.has(id));
    // What comes later than twice as late as promised does not come.
    await until(all, 2 * (INTERVAL_s + CONFIRM_s), () => '').catch(() => progress('some alerts did not come'));
    if (heard.others.length > 0) throw new Error(`alerts that should not be: ${heard.others.slice(0, 5).join(', ')}`);
    return devices
      .flatMap(({ id }) => {
        const told_ms = heard.told_ms.get(id);
        return told_ms === undefined ? [] : [(told_ms - (silent_ms.get(id) ?? 0)) / 1000];
      })
      .sort((a, b) => a - b);
  } finally {
    ear?.stop();
    for (const child of processes) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

async function until(condition: () => boolean, limit_s: number, complaint: () => string): Promise<void> {
  const end_ms = performance.now() + limit_s * 1000;
  while (!condition()) {
    if (performance.now() > end_ms) throw new Error(`${complaint()} after ${limit_s} s`);
    await pause(100);
  }
}

/** @param sorted_s in rising order. */
function quantile(sorted_s: readonly number[], share: number): number {
  return sorted_s[Math.min(sorted_s.length - 1, Math.ceil(share * sorted_s.length) - 1)] ?? NaN;
}
