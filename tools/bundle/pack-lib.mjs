// Makes of the library in whose folder it runs one that can be published as it is: `npm run pack -- FOLDER` (`dist` when
// none is given), then `npm publish FOLDER`. Inside this repository the sources are run as they are.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';

const here = process.cwd();
const folder = resolve(process.argv[2] ?? join(here, 'dist'));
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

rmSync(folder, { recursive: true, force: true });
const compile = [join(typescript, 'bin/tsc'), '-p', join(here, 'tsconfig.publish.json'), '--outDir', folder];
execFileSync(process.execPath, compile, { stdio: 'inherit' });

const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const compiled = Object.entries(manifest.exports).map(([entry, source]) => {
  const file = source.replace('./src/', './').replace(/\.ts$/, '');
  return [entry, { types: `${file}.d.ts`, default: `${file}.js` }];
});
const { name, version, description, license, keywords, type, dependencies, engines } = manifest;
const published = { name, version, description, license, keywords, type, exports: {}, dependencies, engines };
published.exports = Object.fromEntries(compiled);
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
copyFileSync(join(here, 'README.md'), join(folder, 'README.md'));
copyFileSync(join(import.meta.dirname, '../../LICENSE'), join(folder, 'LICENSE'));
