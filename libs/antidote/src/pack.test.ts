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
import { AntidoteClient, assign, object, text } from '@guaita/antidote';
import { AntidoteDouble } from '@guaita/antidote/double';
const double = new AntidoteDouble();
await double.start();
const client = new AntidoteClient({ addresses: [double.address] });
client.start();
const title = object('register_lww', 'title', 'b');
await client.update([assign(title, 'from outside')]);
const [value] = await client.read([title]);
const shown: string = text(value);
console.log(shown);
await client.stop();
await double.stop();
`;

describe('the package as others install it', { timeout: PATIENCE_ms }, () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'antidote-pack-'));
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, '@guaita'), { recursive: true });
    const library = join(import.meta.dirname, '..');
    const script = join(library, '../../tools/bundle/pack-lib.mjs');
    execFileSync(process.execPath, [script, join(modules, '@guaita/antidote')], { cwd: library });
    for (const name of ['@bufbuild', '@types']) symlinkSync(join(modulesAbove(), name), join(modules, name));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'program.ts'), PROGRAM);
  }, PATIENCE_ms);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('runs', () => {
    expect(execFileSync(process.execPath, ['program.ts'], { cwd: folder, encoding: 'utf8' })).toBe('from outside\n');
  });

  test('has types', () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    execFileSync(process.execPath, [TSC, ...options, 'program.ts'], { cwd: folder, encoding: 'utf8' });
  });

  test('brings neither tests nor anything of this repository', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/@guaita/antidote/package.json'), 'utf8'));
    expect(Object.keys(manifest.dependencies)).toEqual(['@bufbuild/protobuf']);
    expect(manifest).not.toHaveProperty('private');
    expect(manifest).not.toHaveProperty('nx');
  });
});

/** The folder of modules in which this package's own dependency stands. */
function modulesAbove(): string {
  const protobuf = require.resolve('@bufbuild/protobuf');
  return protobuf.slice(0, protobuf.lastIndexOf('@bufbuild') - 1);
}
