import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inventoryOf, loadUpConfig } from './up.ts';

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-up-'));
  home = process.cwd();
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

const files = (options: Parameters<typeof loadUpConfig>[0] = {}): string[] =>
  inventoryOf(loadUpConfig(options)).map(({ file }) => file);

describe('what guaita up watches', () => {
  it('is the example where nothing is named and nothing is here', () => {
    expect(files()).toEqual([expect.stringMatching(/\/examples\/devices\.yaml$/)]);
  });

  it('is the devices.yaml that is here', async () => {
    await writeFile('devices.yaml', 'devices: []\n');
    expect(files()).toEqual(['devices.yaml']);
  });

  it('is what a flag or the configuration names, also while it is not there', async () => {
    expect(files({ devices: 'late.yaml' })).toEqual(['late.yaml']);
    await writeFile('guaita.yaml', 'assign: { devices: [zone.cnml] }\n');
    expect(files()).toEqual(['zone.cnml']);
  });
});
