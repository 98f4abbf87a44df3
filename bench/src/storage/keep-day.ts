import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Health, ManualClock } from '@guaita/service';
import { nodeDisk } from '@guaita/storage/disk';
import { DuckDb } from '@guaita/storage/engine';
import { pingRow } from '@guaita/storage/ping';
import { Store } from '@guaita/storage/store';
import { pino } from 'pino';
import { processMemory } from '../process-cpu.ts';
import { INTERVAL_ms, pingsOfMinute } from './pings.ts';

// A process of its own, since its CPU and what it writes are measured: keeps a day of pings as the service does, message
// by message, with all that belongs to it (flushing each half minute, parts, sealing), and says what that took.
const [folder = '', devices = '', monitors = ''] = process.argv.slice(2);
const site = { devices: Number(devices), monitors: Number(monitors) };
const DAY_ms = 86_400_000;
const FLUSH_ms = 30_000;

const midnight_ms = Date.UTC(2026, 10, 1);
const clock = new ManualClock(midnight_ms);
const own = join(folder, 'storage');
const history = join(folder, 'history');
const engine = await DuckDb.open({
  folders: [own, history],
  spill: join(own, 'spill'),
  memory_bytes: 256 * 2 ** 20,
  spill_bytes: 2 ** 30,
  threads: 1,
  queries: 1,
});
const log = pino({ level: 'warn' }, pino.destination(2));
const health = new Health();
const monitor = 'lookout-0';
const store = new Store({
  ...{ folder: own, history, monitor, engine, disk: nodeDisk, clock, random: Math.random, log, health },
});
await store.start(new AbortController().signal);

/** Bytes that this process has had written to its disks, but for those that were taken away again before. */
function written_bytes(): number {
  const io = readFileSync('/proc/self/io', 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(io)?.[1]);
  return field('write_bytes') - field('cancelled_write_bytes');
}

function cpu_us(usage: { readonly user: number; readonly system: number }): number {
  return usage.user + usage.system;
}

const before = { cpu_us: cpu_us(process.cpuUsage()), written_bytes: written_bytes() };
let making_us = 0;
let rows = 0;
for (let minute_ms = midnight_ms; minute_ms < midnight_ms + DAY_ms; minute_ms += INTERVAL_ms) {
  const begun_us = cpu_us(process.threadCpuUsage());
  const pings = pingsOfMinute(site, minute_ms);
  making_us += cpu_us(process.threadCpuUsage()) - begun_us;
  const half = Math.floor(pings.length / 2);
  for (const part of [pings.slice(0, half), pings.slice(half)]) {
    for (const { monitor: by, device, seen, received_ms } of part) {
      store.append('ping', [pingRow({ monitor: by, received_ms }, device, seen)]);
    }
    rows += part.length;
    await clock.advance(FLUSH_ms);
  }
}
await clock.advance(FLUSH_ms);
await store.settled();
const used_us = cpu_us(process.cpuUsage()) - before.cpu_us - making_us;
await store.stop();

const files = readdirSync(history, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const kept_bytes = files.reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0);
const sealed = await engine.queries.rows<{ rows: number }>(
  `SELECT count(*) AS rows FROM read_parquet('${history.replaceAll("'", "''")}/ping/*/*.parquet')`,
);
if (sealed[0]?.rows !== rows) throw new Error(`${sealed[0]?.rows} of ${rows} rows are in the history`);
engine.close();
process.stdout.write(
  JSON.stringify({
    rows,
    cpu_us_per_row: used_us / rows,
    bytes_per_row: kept_bytes / rows,
    disk_bytes_written_per_row: (written_bytes() - before.written_bytes) / rows,
    memory_bytes: processMemory(process.pid).peak_bytes,
  }),
);
