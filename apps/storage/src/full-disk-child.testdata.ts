import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Health, ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { nodeDisk } from './disk/node-disk.ts';
import { DuckDb } from './engine/duckdb.ts';
import type { Row } from './kinds/kind.ts';
import { kinds } from './kinds/kinds.ts';
import { rowsOf } from './parts/rows-of.ts';
import { JournalFull } from './journal/journal.ts';
import { Store } from './store.ts';

// Run with a folder of 4 MB: fills it, goes on, makes room, and says what has become of the rows.
const folder = process.argv[2]!;
const ballast = join(folder, 'ballast');
writeFileSync(ballast, Buffer.alloc(2_500_000));

const HOUR_ms = 3_600_000;
const clock = new ManualClock(Date.UTC(2026, 10, 22, 23, 0));
const health = new Health();
const history = join(folder, 'history');
const own = join(folder, 'storage');
const limits = { memory_bytes: 2 ** 27, spill_bytes: 2 ** 20, threads: 1, queries: 1 };
const engine = await DuckDb.open({ folders: [folder], spill: join(folder, 'spill'), ...limits });

function storeOf(random: number): Store {
  const log = pino({ level: 'silent' });
  return new Store({
    ...{ folder: own, history, monitor: 'lookout', engine, disk: nodeDisk, clock, log, health },
    random: () => random,
    owed_bytes: 100_000,
  });
}

async function found(store: Store): Promise<{ rows: number; different: number }> {
  const sources = await store.sources('ping', { from_ms: -Infinity, to_ms: Infinity });
  const [row] = await engine.queries.rows<{ rows: number; different: number }>(
    `SELECT count(*) AS rows, count(DISTINCT sent) AS different FROM (${rowsOf(kinds.ping, sources)})`,
  );
  sources.release();
  return row!;
}

function row(n: number): Row {
  return ['lookout', `device-${n % 7}`, clock.now_ms() + n, 3, 'up', n, 3, 0.5, 1.25, 2, 0.125, null];
}

const store = storeOf(0.1);
await store.start(AbortSignal.timeout(10_000));
let taken = 0;
let refused = '';
while (refused === '') {
  try {
    store.append('ping', [row(taken)]);
    taken += 1;
  } catch (error) {
    refused = error instanceof JournalFull ? error.name : String(error);
  }
}
const detail = health.parts.get('journal')?.detail;
await clock.advance(5_000);
// Nothing of what it has in the table is lost by that.
await found(store).catch(() => undefined);
rmSync(ballast);
await clock.advance(5_000);
const once = await found(store);
for (let more = 0; more < 100; more++) store.append('ping', [row(taken + more)]);
await clock.advance(2 * HOUR_ms);
await store.settled();
await store.stop();

const again = storeOf(0.2);
await again.start(AbortSignal.timeout(10_000));
await again.settled();
const { rows, different } = await found(again);
const left = readdirSync(own, { recursive: true, withFileTypes: true })
  .filter((entry) => !entry.isDirectory())
  .map((entry) => entry.name);
const healthAfterwards = health.ok;
await again.stop();
engine.close();
process.stdout.write(
  JSON.stringify({
    refused,
    health: detail,
    lostWhileFull: taken - once.different,
    missing: taken + 100 - different,
    doubled: rows - different,
    left,
    healthAfterwards,
  }),
);
