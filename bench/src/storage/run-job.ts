import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { tied } from '@guaita/lab';
import { NODE_FLAGS } from '../as-in-image.ts';
import type { Job, Kept } from './embedded.ts';

/** Has a process of its own do it, with the flags of our image where it is measured. */
export async function runJob(job: Job): Promise<Kept> {
  const script = new URL('./keep.ts', import.meta.url).pathname;
  const flags = job.pace === 'filled' ? [] : NODE_FLAGS;
  const child = tied(
    spawn(process.execPath, [...flags, script, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const ended = once(child, 'exit');
  const said = await text(child.stdout);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`keeping pings in ${job.store} failed: the process ended with ${code}`);
  return JSON.parse(said) as Kept;
}
