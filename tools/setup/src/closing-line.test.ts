import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const WORKSPACE = join(import.meta.dirname, '../../..');

describe('the last line of a run', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-closing-line-'));
    await symlink(join(WORKSPACE, 'node_modules'), join(folder, 'node_modules'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What a run over `files`, texts of tests, says last and exits with. */
  async function run(...files: readonly string[]): Promise<{ readonly line: string; readonly exitCode: number }> {
    for (const [at, text] of files.entries()) {
      await writeFile(
        join(folder, `planted-${at}.test.ts`),
        `import { it, describe, beforeAll } from 'vitest';\n${text}`,
      );
    }
    const args = ['run', '--reporter=default', `--reporter=${join(import.meta.dirname, 'closing-line.ts')}`];
    return new Promise((resolve) => {
      const child = execFile(
        join(WORKSPACE, 'node_modules/.bin/vitest'),
        [...args, '--root', folder],
        { cwd: folder },
        (_error, stdout) => {
          resolve({ line: stdout.trimEnd().split('\n').at(-1) ?? '', exitCode: child.exitCode ?? -1 });
        },
      );
    });
  }

  it('counts what passed and what failed in all files', async () => {
    expect(
      await run(
        `it('a', () => {}); describe('of', () => { it('b', () => { throw new Error('planted'); }); });`,
        `it('c', () => {}); it('d', () => {});`,
      ),
    ).toEqual({ line: '3 passed, 1 failed', exitCode: 1 });
  });

  it('says that all passed', async () => {
    expect(await run(`it('a', () => {});`)).toEqual({ line: '1 passed, 0 failed', exitCode: 0 });
  });

  it('counts a file that does not load', async () => {
    expect(await run(`throw new Error('planted');`)).toEqual({ line: '0 passed, 1 failed', exitCode: 1 });
  });

  it('counts a suite whose preparation fails', async () => {
    expect(
      await run(`describe('of', () => { beforeAll(() => { throw new Error('planted'); }); it('a', () => {}); });`),
    ).toEqual({ line: '0 passed, 1 failed', exitCode: 1 });
  });

  it('counts an error that no test caught', async () => {
    expect(await run(`it('a', async () => { void Promise.reject(new Error('planted')); });`)).toEqual({
      line: '1 passed, 1 failed',
      exitCode: 1,
    });
  });

  it.each([
    ['no file', []],
    ['no test that runs', [`it.skip('a', () => {});`]],
  ])('counts a run of %s as a failure', async (_what, files) => {
    expect(await run(...files)).toEqual({ line: '0 passed, 1 failed', exitCode: 1 });
  });
});
