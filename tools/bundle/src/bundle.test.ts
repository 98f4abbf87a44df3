import { execFile, type ExecFileException } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, bundleableApps } from './bundle.ts';

const apps = await bundleableApps();

describe('a bundle', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-bundle-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is made of every service and of the command line', () => {
    expect(apps).toEqual(expect.arrayContaining(['alert', 'assign', 'guaita', 'ping', 'snmp']));
  });

  it.each(apps)('of %s starts where nothing is installed', async (app) => {
    const { file } = await bundle(app, folder);
    expect(await readdir(folder)).not.toContain('node_modules');
    const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) =>
      execFile(process.execPath, [file, '--help'], { cwd: folder }, (error: ExecFileException | null, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout: out, stderr: err }),
      ),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: /);
  });
});
