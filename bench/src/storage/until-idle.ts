import { setTimeout as sleep } from 'node:timers/promises';
import { processCpu } from '../process-cpu.ts';

const LOOK_ms = 1_000;
/** Of a processor: what databases use that have nothing to do. */
const IDLE_share = 0.03;
/** VictoriaMetrics writes what has come every five seconds. */
const IDLE_looks = 6;
const PATIENCE_ms = 180_000;

/** Waits until a process has done what it does in the background. @throws when it does not end. */
export async function untilIdle(pid: number): Promise<void> {
  const deadline_ms = performance.now() + PATIENCE_ms;
  let idle = 0;
  while (idle < IDLE_looks) {
    const { own_s } = processCpu(pid);
    await sleep(LOOK_ms);
    idle = processCpu(pid).own_s - own_s < (IDLE_share * LOOK_ms) / 1000 ? idle + 1 : 0;
    if (performance.now() > deadline_ms) throw new Error(`process ${pid} is busy still after ${PATIENCE_ms / 1000} s`);
  }
}
