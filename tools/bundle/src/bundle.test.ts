import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, bundleableApps } from './bundle.ts';

const apps = await bundleableApps();

/** A bundle takes a second or two, and longer on a machine that others use as well. */
describe('a bundle', { timeout: 60_000 }, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-bundle-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is made of every service and of the command line', () => {
    expect(apps).toEqual(
      expect.arrayContaining(['alert', 'assign', 'guaita', 'host', 'ping', 'serf-publisher', 'snmp', 'storage']),
    );
  });

  it.each(apps)('of %s starts where nothing is installed', async (app) => {
    const { file } = await bundle(app, join(folder, app));
    const { code, stdout, stderr } = await node(folder, file, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: /);
  });

  it('of the command line loads the database only where history is asked for', async () => {
    const { file } = await bundle('guaita', join(folder, 'without'));
    await rm(join(dirname(file), 'node_modules'), { recursive: true });
    expect(await node(folder, file, '--version')).toMatchObject({ code: 0, stderr: '' });
  });

  it('of the command line brings the example that it watches where there is no inventory', async () => {
    const { file } = await bundle('guaita', join(folder, 'example'));
    const { stdout } = await node(folder, file, 'doctor', '--json');
    expect(stdout).toContain(join(dirname(file), 'examples/devices.yaml'));
  });

  it('of the command line brings what every deployment has, and nothing of a site', async () => {
    const { file } = await bundle('guaita', join(folder, 'templates'));
    const site = join(folder, 'a site');
    expect(await node(folder, file, 'deploy', 'init', '--folder', site, '--host', 'pi-1=192.0.2.1')).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await readFile(join(site, 'stack.yml'), 'utf8')).toContain('services:');
    expect(existsSync(join(site, 'config/alert.yaml'))).toBe(true);
    expect(existsSync(join(dirname(file), 'deploy/secrets'))).toBe(false);
  });

  it('has beside it what is read while it runs', async () => {
    const { file } = await bundle('serf-publisher', join(folder, 'serf-publisher'));
    const reads = `import { createRequire } from 'node:module'; import { readFileSync } from 'node:fs';
      new WebAssembly.Module(readFileSync(createRequire('${file}').resolve('bzip2-wasm/bzip2-1.0.8/bzip2.wasm')))`;
    const answer = await node(folder, '--input-type=module', '--eval', reads);
    expect(answer).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('has beside it what cannot be in one file', async () => {
    const { file } = await bundle('storage', join(folder, 'storage'));
    const opens = `import { DuckDBInstance } from '@duckdb/node-api'; (await DuckDBInstance.create()).closeSync()`;
    const answer = await node(dirname(file), '--input-type=module', '--eval', opens);
    expect(answer).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(join(dirname(file), 'page/index.html'), 'utf8')).toContain('<title>Guaita</title>');
  });
});

/** Runs Node.js in a folder, with no other module at hand than those there. */
function node(cwd: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, args, { cwd, env: {} }, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    ),
  );
}
