import type { BenchOptions } from './main.ts';
import type { BenchResult } from './report.ts';
import { contendersOf, type Filled } from './storage/contenders.ts';
import { reported, type Figures } from './storage/figures.ts';
import { ScratchFolder } from './storage/scratch-folder.ts';

const DEVICES = 1_000;
const DAYS = 30;
/** In real time: long enough for SQLite to move its log into its file three times. Of fewer days less. */
const REAL_s = 180;
const REAL_s_per_day = 6;

/** What it takes to keep pings and to be asked for them: our storage beside SQLite, VictoriaMetrics and Prometheus. */
export async function benchStorage({ progress, devices = DEVICES, days = DAYS }: BenchOptions): Promise<BenchResult> {
  const scratch = new ScratchFolder('bench-storage-');
  const stops: (() => Promise<void>)[] = [];
  try {
    const contenders = contendersOf({ folder: scratch.path, devices, days, progress, stops });
    const played: Figures['played'][] = [];
    for (const each of contenders) {
      progress(`${each.subject}: a day of ${devices} devices, row by row`);
      const figures = await each.played();
      played.push(figures);
      const [cpu_us, bytes] = [figures.cpu_us, figures.rest_bytes].map((sum) => (sum / figures.rows).toFixed(1));
      progress(`${each.subject}: ${cpu_us} µs and ${bytes} bytes a row`);
    }
    const seconds = Math.min(REAL_s, days * REAL_s_per_day);
    progress(`all in real time for ${seconds} s; meanwhile they are filled with ${days} days, two at a time`);
    const begun_ms = performance.now();
    const asks: (() => Promise<Filled>)[] = [];
    const fill = async (...indexes: readonly number[]): Promise<void> => {
      for (const index of indexes) {
        const contender = contenders[index]!;
        asks[index] = await contender.fill();
        progress(
          `${contender.subject} is filled, ${((performance.now() - begun_ms) / 1000).toFixed(0)} s after that began`,
        );
      }
    };
    const [real] = await Promise.all([
      Promise.all(contenders.map(async (each) => ({ ...(await each.real(seconds)), seconds }))),
      fill(0, 2),
      fill(1, 3),
    ]);
    const figures: Figures[] = [];
    for (const [index, { subject }] of contenders.entries()) {
      progress(`${subject} is asked`);
      figures.push({ subject, played: played[index]!, real: real[index]!, ...(await asks[index]!()) });
    }
    return reported(figures);
  } finally {
    for (const stop of stops) await stop();
    scratch.remove();
  }
}
