import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closing, readTallies, TALLIES_VARIABLE } from './tally.ts';

const WORKSPACE = join(import.meta.dirname, '../../..');

describe('closing', () => {
  it.each([
    [{ passed: 3, failed: 0 }, 0, '3 passed, 0 failed', 0],
    [{ passed: 3, failed: 2 }, 1, '3 passed, 2 failed', 1],
    [{ passed: 3, failed: 2 }, 0, '3 passed, 2 failed', 1],
    [{ passed: 3, failed: 0 }, 130, '3 passed, 1 failed', 130],
    [{ passed: 0, failed: 0 }, 0, '0 passed, 1 failed', 1],
  ])('after %o and exit code %i says "%s" and exits with %i', (tally, code, line, exitCode) => {
    expect(closing(tally, code)).toEqual({ line, exitCode });
  });
});

describe('the tally of real runs', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-tally-'));
    await mkdir(join(folder, 'tallies'));
    await symlink(join(WORKSPACE, 'node_modules'), join(folder, 'node_modules'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function run(project: string, code: string): Promise<void> {
    await mkdir(join(folder, project));
    await writeFile(
      join(folder, project, 'planted.test.ts'),
      `import { it, describe, beforeAll } from 'vitest';\n${code}`,
    );
    const args = [
      'run',
      `--reporter=${join(import.meta.dirname, 'tally-reporter.ts')}`,
      '--root',
      join(folder, project),
    ];
    const env = { ...process.env, [TALLIES_VARIABLE]: join(folder, 'tallies') };
    await new Promise((resolve) =>
      execFile(join(WORKSPACE, 'node_modules/.bin/vitest'), args, { cwd: folder, env }, resolve),
    );
  }

  it('adds up passed and failed tests of several runners', async () => {
    await run('first', `it('a', () => {}); describe('of', () => { it('b', () => { throw new Error('planted'); }); });`);
    await run('second', `it('c', () => {}); it('d', () => {});`);
    expect(await readTallies(join(folder, 'tallies'))).toEqual({ passed: 3, failed: 1 });
  });

  it('counts a file that does not load', async () => {
    await run('broken', `throw new Error('planted');`);
    expect(await readTallies(join(folder, 'tallies'))).toEqual({ passed: 0, failed: 1 });
  });

  it('counts a suite whose preparation fails', async () => {
    await run(
      'unprepared',
      `describe('of', () => { beforeAll(() => { throw new Error('planted'); }); it('a', () => {}); });`,
    );
    expect(await readTallies(join(folder, 'tallies'))).toEqual({ passed: 0, failed: 1 });
  });

  it('counts an error that no test caught', async () => {
    await run('unhandled', `it('a', async () => { void Promise.reject(new Error('planted')); });`);
    expect(await readTallies(join(folder, 'tallies'))).toEqual({ passed: 1, failed: 1 });
  });
});
