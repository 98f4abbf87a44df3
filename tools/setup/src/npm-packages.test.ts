import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markInstalled, npmPackagesMissing, withoutNodeModules } from './npm-packages.mjs';

const wanted = {
  '': { version: '0.1.0' },
  'node_modules/zod': { version: '4.0.0', integrity: 'sha512-a' },
  'node_modules/for-another-machine': { version: '1.0.0', optional: true },
};
const { 'node_modules/zod': zod } = wanted;

describe('npmPackagesMissing', () => {
  let workspace = '';
  beforeEach(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'guaita-setup-'));
  });
  afterEach(() => rm(workspace, { recursive: true }));

  async function have(lock: object | string, installed?: object, node = true): Promise<void> {
    const text = (packages: object | string): string =>
      typeof packages === 'string' ? packages : JSON.stringify({ packages });
    await writeFile(join(workspace, 'package-lock.json'), text(lock));
    if (installed === undefined) return;
    await mkdir(join(workspace, 'node_modules/.bin'), { recursive: true });
    await writeFile(join(workspace, 'node_modules/.package-lock.json'), text(installed));
    if (node) await writeFile(join(workspace, 'node_modules/.bin/node'), '');
  }

  it('finds nothing to do when all that is wanted is installed', async () => {
    await have(wanted, { 'node_modules/zod': zod });
    expect(npmPackagesMissing(workspace)).toBeUndefined();
  });

  it('says so when nothing is installed', async () => {
    await have(wanted);
    expect(npmPackagesMissing(workspace)).toBe('the npm packages are not installed yet');
  });

  it.each([
    ['is another version', { 'node_modules/zod': { ...zod, version: '3.0.0' } }],
    ['is missing', {}],
    ['has another content', { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } }],
  ])('names a package that %s', async (_, installed) => {
    await have(wanted, installed);
    expect(npmPackagesMissing(workspace)).toBe('zod is not what package-lock.json asks for');
  });

  it('installs again when the Node.js of the workspace is gone', async () => {
    await have(wanted, { 'node_modules/zod': zod }, false);
    expect(npmPackagesMissing(workspace)).toBe('the Node.js of the workspace is missing');
  });

  it('does not install for ever what npm leaves out, and installs again when the lock file changes', async () => {
    await have({ ...wanted, 'node_modules/needless': { version: '1.0.0' } }, { 'node_modules/zod': zod });
    expect(npmPackagesMissing(workspace)).toBeDefined();
    markInstalled(workspace);
    expect(npmPackagesMissing(workspace)).toBeUndefined();
    await have({ ...wanted, 'node_modules/more': { version: '1.0.0' } });
    expect(npmPackagesMissing(workspace)).toBe('more is not what package-lock.json asks for');
  });

  it('refuses to guess without a lock file it can read', async () => {
    await have('{"packages":', {});
    expect(() => npmPackagesMissing(workspace)).toThrow('package-lock.json is missing or broken');
  });
});

describe('withoutNodeModules', () => {
  it('takes away the folders that npm is about to replace', () => {
    expect(withoutNodeModules('/a/node_modules/.bin:/usr/bin:/node_modules/.bin:/my_node_modules')).toBe(
      '/usr/bin:/my_node_modules',
    );
  });
});
