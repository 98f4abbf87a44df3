import { readFileSync, readlinkSync } from 'node:fs';

/** Tells one process from all others that ever had its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which it started (`/proc/<pid>/stat`, field 22); `null` where there is no /proc. */
  readonly started: string | null;
  /** Which boot of which kernel, and which pid namespace: elsewhere the pid means another process. */
  readonly where: string | null;
}

/** The identity of a live process; `undefined` when there is none with this pid. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined;
  }
  return { pid, started: startOf(pid), where: hereabouts() };
}

/** Tells whether the process of this identity still runs, as far as can be seen from here. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.where !== hereabouts()) return false;
  return identify(identity.pid)?.started === identity.started;
}

function startOf(pid: number): string | null {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name, in parentheses, may hold spaces: count from its end. Field 22 is then the twentieth.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function hereabouts(): string | null {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  return boot === undefined ? null : `${boot} ${namespace ?? ''}`;
}

/** What /proc says; `undefined` on systems without it. */
function read(get: () => string): string | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
