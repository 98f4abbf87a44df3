import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from './run-program.mjs';

const RUNNER = join(import.meta.dirname, 'run-program.mjs');

/** Starts a process that runs `script` through runProgram, as setup does, and exits with what that gave. */
function runner(script: string) {
  const code = `const { runProgram } = await import(${JSON.stringify(RUNNER)});
    process.exitCode = await runProgram(process.execPath, ['-e', ${JSON.stringify(script)}]);`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('runProgram', () => {
  it('gives the exit code', async () => {
    expect(await runProgram(process.execPath, ['-e', 'process.exit(7)'])).toBe(7);
  });

  it('gives what a shell would when a signal ends the program', async () => {
    expect(await runProgram(process.execPath, ['-e', 'process.kill(process.pid, "SIGKILL")'])).toBe(137);
  });

  it('says which program it could not run', async () => {
    await expect(runProgram('/nowhere/fping', [])).rejects.toThrow('cannot run /nowhere/fping');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'hands %s on and waits for the program to end in its own way',
    async (signal) => {
      const child = runner(`process.on('${signal}', () => setTimeout(() => process.exit(5), 50));
      setInterval(() => undefined, 1000); console.log('ready');`);
      await once(child.stdout, 'data');
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([5, null]);
    },
  );
});
