import { run } from '@guaita/lab/docker';
import { readFile } from 'node:fs/promises';

/**
 * This process is the outsider of the lab: whoever subscribes and looks at the page from another computer. For that it has
 * a network of its own, which is plugged in at the lab's switch.
 */
export const OUTSIDER = 'outsider';

/** @throws {Error} that says what to do, where this process has a network already: the machine's, most likely. */
export async function checkOutsider(): Promise<void> {
  const [, , ...lines] = (await readFile('/proc/self/net/dev', 'utf8')).trim().split('\n');
  const others = lines.map((line) => line.split(':')[0]?.trim()).filter((name) => name !== 'lo');
  if (others.length === 0) return;
  throw new Error(
    `the lab needs a network namespace with nothing in it, since this process is plugged in at its switch, and finds ${others.join(', ')}: start it as root, with "npm run e2e"`,
  );
}

/** Runs commands of `ip` in this process's network. */
export async function outside(commands: readonly string[]): Promise<void> {
  for (const command of commands) await run('ip', command.split(' '));
}
