import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';

const PROGRAM = `
  import { spawn } from 'node:child_process';
  import { tied } from '${join(import.meta.dirname, 'child.ts')}';
  console.log(tied(spawn('sleep', ['600'])).pid);
  setTimeout(() => process.exit(), 60_000);
`;

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'what is tied to a process does not outlive it when %s ends it',
  async (signal) => {
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pid = Number(line);
    expect(lives(pid)).toBe(true);
    parent.kill(signal);
    await once(parent, 'exit');
    await eventually(() => expect(lives(pid)).toBe(false));
  },
);
