import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guaita } from './captured-output.testdata.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-devices-'));
  file = join(folder, 'devices.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

describe('guaita devices check', () => {
  it('ends with 0 and says how many devices there are', async () => {
    await writeFile(file, 'devices:\n  - { name: router, address: 10.0.0.1 }\n');
    expect(await guaita('devices', 'check', file)).toEqual({ code: 0, printed: '1 device, no mistake\n' });
  });

  it('ends with 1 and says every mistake with its line', async () => {
    await writeFile(file, 'devices:\n  - { name: a, address: 10.0.0 }\n  - { name: b, adress: 10.0.0.1 }\n');
    const { code, printed } = await guaita('devices', 'check', file);
    expect(code).toBe(1);
    expect(printed).toContain(`${file}:2 devices[0].address: `);
    expect(printed).toContain(`${file}:3 devices[1]`);
    expect(printed).toMatch(/\d mistakes: nothing of it would be applied\n$/);
  });

  it('gives programs one JSON object', async () => {
    await writeFile(file, 'devices:\n  - { name: a, address: 10.0.0 }\n');
    const { code, printed } = await guaita('devices', 'check', '--json', file);
    expect(code).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({ ok: false, problems: [{ severity: 'error', file, line: 2 }] });
  });

  it('names a file that cannot be read', async () => {
    const { code, printed } = await guaita('devices', 'check', file);
    expect(code).toBe(1);
    expect(printed).toContain(`${file}: cannot be read: ENOENT`);
  });
});
