import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel counts in, for /proc/<pid>/stat (proc(5)). */
const TICKS_PER_S = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU seconds, user and system, that a process has used so far. */
export interface ProcessCpu {
  readonly own_s: number;
  /** Of all that it has started, directly or not: those that run, and those that have ended and were waited for. */
  readonly children_s: number;
}

/** @throws when there is no such process. */
export function processCpu(pid: number): ProcessCpu {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (field: number): number => Number(fields[field - 3]) / TICKS_PER_S;
  let children_s = seconds(16) + seconds(17);
  for (const child of childrenOf(pid)) {
    try {
      const cpu = processCpu(child);
      children_s += cpu.own_s + cpu.children_s;
    } catch {
      // It has ended since: what it used is counted with those that have ended, the next time.
    }
  }
  return { own_s: seconds(14) + seconds(15), children_s };
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number),
  );
}

/** Memory of a process: what it holds now, and the most that it ever held. */
export function processMemory(pid: number): { readonly now_bytes: number; readonly peak_bytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { now_bytes: bytes('VmRSS'), peak_bytes: bytes('VmHWM') };
}
