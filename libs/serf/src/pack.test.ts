import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Compiling takes seconds; a loaded machine may take a minute. */
const PATIENCE_ms = 120_000;

const require = createRequire(import.meta.url);
const TSC = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

const PROGRAM = `
import { SerfClient, type Member } from '@guaita/serf';
import { SerfDouble } from '@guaita/serf/double';
const double = new SerfDouble({ name: 'ada' });
await double.start();
const client = new SerfClient({ address: double.address });
client.start();
await client.tags({ set: { seen: 'from outside' } });
const [ada]: readonly Member[] = await client.members();
console.log(ada?.name, ada?.tags.get('seen'));
await client.stop();
await double.stop();
`;

describe('the package as others install it', { timeout: PATIENCE_ms }, () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'serf-pack-'));
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, '@guaita'), { recursive: true });
    const library = join(import.meta.dirname, '..');
    const script = join(library, '../../tools/bundle/pack-lib.mjs');
    execFileSync(process.execPath, [script, join(modules, '@guaita/serf')], { cwd: library });
    for (const name of ['msgpackr', '@types']) symlinkSync(join(modulesAbove(), name), join(modules, name));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'program.ts'), PROGRAM);
  }, PATIENCE_ms);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('runs', () => {
    const said = execFileSync(process.execPath, ['program.ts'], { cwd: folder, encoding: 'utf8' });
    expect(said).toBe('ada from outside\n');
  });

  test('has types', () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    execFileSync(process.execPath, [TSC, ...options, 'program.ts'], { cwd: folder, encoding: 'utf8' });
  });

  test('brings neither tests nor anything of this repository', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/@guaita/serf/package.json'), 'utf8'));
    expect(Object.keys(manifest.dependencies)).toEqual(['msgpackr']);
    expect(manifest).not.toHaveProperty('private');
    expect(manifest).not.toHaveProperty('nx');
  });

  test('reads what comes from outside without native code', () => {
    const program = `
      import { SerfClient } from '@guaita/serf';
      new SerfClient();
      console.log(process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node')).length);
    `;
    writeFileSync(join(folder, 'native.mjs'), program);
    expect(execFileSync(process.execPath, ['native.mjs'], { cwd: folder, encoding: 'utf8' })).toBe('0\n');
  });
});

/** The folder of modules in which this package's own dependency stands. */
function modulesAbove(): string {
  const msgpackr = require.resolve('msgpackr');
  return msgpackr.slice(0, msgpackr.lastIndexOf('msgpackr/dist') - 1);
}
