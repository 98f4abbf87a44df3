import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchOptions } from './main.ts';
import type { BenchResult, Row } from './report.ts';

const DEVICES = 1_000;
/** Each device is watched by three, and each site’s storage keeps what all its monitors see. */
const MONITORS = 3;

/** What keeping a row takes, whatever keeps it. */
interface Keeping {
  readonly rows: number;
  readonly cpu_us_per_row: number;
  readonly bytes_per_row: number;
  readonly disk_bytes_written_per_row: number;
  readonly memory_bytes: number;
}

const script = (path: string): string => new URL(path, import.meta.url).pathname;

/** What it takes to keep a day of pings, row by row as they are heard. */
export async function benchStorage({ progress, devices = DEVICES }: BenchOptions): Promise<BenchResult> {
  // Not in memory: what is written to a disk is counted.
  const folder = await mkdtemp(join(tmpdir(), 'bench-storage-'));
  try {
    progress(`guaita: a day of ${devices} devices, each pinged once a minute by ${MONITORS} monitors`);
    const guaita = await keepDay(folder, devices);
    return { rows: keepingRows('guaita storage', guaita), ratios: {} };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keepDay(folder: string, devices: number): Promise<Keeping> {
  const args = ['--max-semi-space-size=4', script('./storage/keep-day.ts'), folder, String(devices), String(MONITORS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Keeping;
}

function keepingRows(subject: string, kept: Keeping): Row[] {
  return [
    { subject, metric: 'rows', value: kept.rows, unit: 'rows' },
    { subject, metric: 'cpu_us_per_row', value: kept.cpu_us_per_row, unit: 'µs' },
    { subject, metric: 'bytes_per_row', value: kept.bytes_per_row, unit: 'bytes' },
    { subject, metric: 'disk_bytes_written_per_row', value: kept.disk_bytes_written_per_row, unit: 'bytes' },
    { subject, metric: 'memory at most', value: kept.memory_bytes / 1e6, unit: 'MB' },
  ];
}
