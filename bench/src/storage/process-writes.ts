import { readFileSync } from 'node:fs';

/**
 * Bytes of files that a process has had written to a disk so far: pages of 4 KB, each as often as it was changed anew after it
 * was written (proc(5), `write_bytes`), but for those taken away before. What the file system writes for itself is not in it.
 */
export function writtenBytes(pid: number | 'self'): number {
  const io = readFileSync(`/proc/${pid}/io`, 'latin1');
  const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(io)?.[1]);
  return field('write_bytes') - field('cancelled_write_bytes');
}
