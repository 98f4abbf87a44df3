import { setTimeout as sleep } from 'node:timers/promises';
import { processMemory } from '../process-cpu.ts';
import type { Embedded, Job, Kept } from './embedded.ts';
import { BEGIN_ms, pingsOf, seconds, type Ping } from './pings.ts';
import { writtenBytes } from './process-writes.ts';

// A process of its own, since its CPU and what it writes are measured: keeps pings in a store, and says what that took.
const job = JSON.parse(process.argv[2] ?? '') as Job;

/** After how much a store is told that time has passed. */
const PASSED_s = { played: 30, filled: 3600, real: 1 };

const store = await open(job);
await store.start();
const before = { cpu_us: used_us(), written_bytes: writtenBytes('self') };
let making_us = 0;
let rows = 0;
let second = 0;
let passed_s = 0;
const begun_ms = performance.now();
const batches = batchesOf(job);
for (;;) {
  const from_us = ownThread_us();
  const next = batches.next();
  if (next.done === true) break;
  const { pings, length_s } = next.value;
  const take = store.prepare(pings);
  making_us += ownThread_us() - from_us;
  take();
  rows += pings.length;
  second += length_s;
  if (second - passed_s >= PASSED_s[job.pace]) {
    await store.passed((second - passed_s) * 1000);
    passed_s = second;
  }
  if (job.pace === 'real') await sleep(begun_ms + second * 1000 - performance.now());
}
await store.settle();
const kept: Kept = {
  rows,
  cpu_us: used_us() - before.cpu_us - making_us,
  written_bytes: writtenBytes('self') - before.written_bytes,
  peak_bytes: processMemory(process.pid).peak_bytes,
};
await store.stop();
process.stdout.write(JSON.stringify(kept));

async function open({ store, folder, pace }: Job): Promise<Embedded> {
  // Neither has to load the other.
  if (store === 'sqlite') return new (await import('./sqlite-embedded.ts')).SqliteEmbedded(folder);
  return new (await import('./guaita-embedded.ts')).GuaitaEmbedded(folder, pace);
}

/** What is taken at once, and how long that is. */
function* batchesOf({ store, pace, devices, span_ms }: Job): Generator<{ pings: readonly Ping[]; length_s: number }> {
  const end_ms = BEGIN_ms + span_ms;
  if (store === 'sqlite' && pace === 'filled') {
    // In the order of its key: each page is written once.
    for (let device = 0; device < devices; device++) yield { pings: pingsOf(device, BEGIN_ms, end_ms), length_s: 0 };
    return;
  }
  const length_s = pace === 'filled' ? 60 : 1;
  let pings: Ping[] = [];
  let second = 0;
  for (const some of seconds(devices, BEGIN_ms, end_ms)) {
    pings.push(...some);
    second += 1;
    if (second % length_s > 0) continue;
    yield { pings, length_s };
    pings = [];
  }
}

function used_us(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function ownThread_us(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
