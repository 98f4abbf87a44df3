import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from './programs.mjs';

describe('findProgram', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-programs-'));
    await writeFile(join(folder, 'fping'), '');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('finds an executable in the path', async () => {
    await chmod(join(folder, 'fping'), 0o755);
    expect(findProgram('fping', `/nowhere:${folder}`, [])).toBe(join(folder, 'fping'));
  });

  it("finds a daemon that is not in an ordinary user's path", async () => {
    await chmod(join(folder, 'fping'), 0o755);
    expect(findProgram('fping', '/nowhere', [folder])).toBe(join(folder, 'fping'));
  });

  it('passes over a file that cannot be executed, and what is not there', async () => {
    await chmod(join(folder, 'fping'), 0o644);
    expect(findProgram('fping', folder, [])).toBeUndefined();
    expect(findProgram('mosquitto', folder, [])).toBeUndefined();
  });
});
