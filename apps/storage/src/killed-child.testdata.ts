import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Health, systemClock } from '@guaita/service';
import { pino } from 'pino';
import { DAY_ms } from './day.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { DuckDb } from './engine/duckdb.ts';
import { Store } from './store.ts';

// Run with a folder, a number and when all began: keeps rows from that number on, and writes each to the file `said` once it is kept, until killed.
// Its days last a second, so that it seals all the time.
const folder = process.argv[2]!;
const from = Number(process.argv[3]);
const began_ms = Number(process.argv[4]);
const said = openSync(join(folder, 'said'), 'a');
const FAST = DAY_ms / 1_000;

const own = join(folder, 'storage');
const history = join(folder, 'history');
const limits = { memory_bytes: 2 ** 27, spill_bytes: 2 ** 27, threads: 1, queries: 1 };
const engine = await DuckDb.open({ folders: [own, history], spill: join(own, 'spill'), ...limits });
const clock = {
  monotonic_ms: () => systemClock.monotonic_ms() * FAST,
  now_ms: () => Date.UTC(2020, 0, 1) + (systemClock.now_ms() - began_ms) * FAST,
  after: (delay_ms: number, callback: () => void) => systemClock.after(Math.max(10, delay_ms / FAST), callback),
};
const store = new Store({
  ...{ folder: own, history, monitor: 'lookout', engine, disk: nodeDisk, clock, random: Math.random },
  log: pino({ level: 'silent' }),
  health: new Health(),
  partRows: 300,
});
await store.start(AbortSignal.timeout(10_000));
for (let n = from; ; n++) {
  store.append('ping', [['lookout', `device-${n % 7}`, n, 3, 'up', n, 3, 0.5, 1.25, 2, 0.125, null]]);
  writeSync(said, `${n}\n`);
  if (n % 40 === 0) await pause(5);
}
