import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { includesOf } from './includes.ts';

let root: string;
let config: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'guaita-includes-'));
  config = join(root, 'smokeping', 'config');
  await mkdir(join(root, 'smokeping', 'config.d'), { recursive: true });
  await writeFile(join(root, 'secret'), 'hush');
  await writeFile(join(root, 'smokeping', 'config.d', 'Targets'), 'targets');
  await writeFile(join(root, 'smokeping', 'binary'), Buffer.from([0xff, 0xfe, 0x80]));
  await symlink(join(root, 'secret'), join(root, 'smokeping', 'link'));
});
afterAll(() => rm(root, { recursive: true }));

describe('what a configuration includes', () => {
  it('is found from the file that includes it, or by its whole path', () => {
    const include = includesOf(config);
    const targets = join(root, 'smokeping', 'config.d', 'Targets');
    expect(include('config.d/Targets', config)).toEqual({ file: targets, text: 'targets' });
    expect(include('Targets', targets)).toEqual({ file: targets, text: 'targets' });
    expect(include(targets, config)).toEqual({ file: targets, text: 'targets' });
  });

  it.each(['../secret', '/etc/passwd', 'config.d/../../secret', '../absent', 'link'])(
    '%s is outside the folder, and is not read',
    (name) => {
      expect(includesOf(config)(name, config)).toEqual({
        problem: `is outside ${join(root, 'smokeping')}, where nothing is read; copy it there and name it so, or import it by itself`,
      });
    },
  );

  it('is refused when it is not there, no file or no text', () => {
    const include = includesOf(config);
    expect(include('absent', config)).toMatchObject({ problem: expect.stringContaining('cannot be read: ENOENT') });
    expect(include('config.d', config)).toEqual({ problem: 'is no file; name one, or take this line out' });
    expect(include('binary', config)).toMatchObject({ problem: expect.stringContaining('put a text file there') });
  });
});
