import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';

/** How long a program may take to end in good order: `guaita up` gives itself ten seconds. */
const PATIENCE_ms = 20_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
// At a signal a process ends without an `exit`, unless it asks for it. Vitest ends its workers by SIGTERM.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/** Lets a process not outlive this one. Gives it back. */
export function tied<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/**
 * Ends a process, a frozen one too, if it has not ended already; resolves when it has.
 *
 * @param signal one that does not do so within twenty seconds is killed.
 */
export async function end(child: ChildProcess | undefined, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGCONT');
  child.kill(signal);
  const lastResort = setTimeout(() => child.kill('SIGKILL'), PATIENCE_ms);
  await ended;
  clearTimeout(lastResort);
}

/** How long a program may take to be ready. */
const READY_ms = 20_000;

/**
 * Waits until a program has said some words; what it says after that is kept as well.
 *
 * @param keep takes what it says, and gives all that it has said.
 * @param failure what to throw when it ends before, or says nothing of the kind for 20 s.
 */
export function untilSaid(
  program: ChildProcess,
  { words, keep, failure }: { words: string; keep: (text: string) => string; failure: () => Error },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(failure());
    const timer = setTimeout(fail, READY_ms);
    program.once('exit', fail);
    const take = (text: Buffer): void => {
      if (!keep(text.toString()).includes(words)) return;
      clearTimeout(timer);
      program.off('exit', fail);
      resolve();
    };
    program.stdout?.on('data', take);
    program.stderr?.on('data', take);
  });
}
