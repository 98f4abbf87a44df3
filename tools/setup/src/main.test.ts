import { execFile, type ExecFileException } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from './commands.mjs';

const RUN = join(import.meta.dirname, '../run.mjs');

function setup(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [RUN, ...args], (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

describe('setup', () => {
  it('tells what it can do when asked', async () => {
    const { code, stdout } = await setup('--help');
    expect(code).toBe(0);
    for (const name of Object.keys(commands)) expect(stdout).toContain(`  ${name}`);
  });

  it.each([[[]], [['dance']]])('refuses %j and tells what it can do', async (args) => {
    const { code, stderr } = await setup(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Usage: /);
  });

  it('hands arguments on to the command, and its exit code back', async () => {
    const { code, stdout } = await setup('start', '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: guaita up/);
    expect((await setup('start', '--no-such-flag')).code).not.toBe(0);
    // The live page may have to be built first.
  }, 60_000);
});
