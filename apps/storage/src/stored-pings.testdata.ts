import { join } from 'node:path';
import { Health, systemClock } from '@guaita/service';
import { pino } from 'pino';
import { DAY_ms } from './day.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { DuckDb } from './engine/duckdb.ts';
import { kinds } from './kinds/kinds.ts';
import { rowsOf } from './parts/rows-of.ts';
import { Store } from './store.ts';

/** All ping rows that a service of one monitor has left in its data folder: how many, and once merged, as `device at`. */
export async function storedPings(data: string): Promise<{ rows: number; merged: Set<string> }> {
  const own = join(data, 'storage');
  const history = join(data, 'history');
  const engine = await DuckDb.open({
    ...{ folders: [own, history], spill: join(own, 'spill'), memory_bytes: 256 * 2 ** 20, spill_bytes: 0 },
    ...{ threads: 2, queries: 1 },
  });
  const store = new Store({
    ...{ folder: own, history, monitor: 'one', engine, disk: nodeDisk, clock: systemClock, random: Math.random },
    ...{ log: pino({ level: 'silent' }), health: new Health() },
  });
  try {
    await store.start(new AbortController().signal);
    const sources = await store.sources('ping', { from_ms: 0, to_ms: Date.now() + DAY_ms });
    const rows = rowsOf(kinds.ping, sources);
    const sql = `SELECT device, epoch_ms("at") AS at_ms, count(*) AS n FROM (${rows}) GROUP BY monitor, device, "at"`;
    const found = await engine.queries.rows(sql);
    sources.release();
    const merged = found.map(({ device, at_ms }) => `${device as string} ${new Date(Number(at_ms)).toISOString()}`);
    return { rows: found.reduce((total, { n }) => total + Number(n), 0), merged: new Set(merged) };
  } finally {
    await store.stop();
    engine.close();
  }
}
