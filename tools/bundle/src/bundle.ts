import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build as buildPage } from 'vite';

const WORKSPACE = join(import.meta.dirname, '../../..');

/** Node.js as the images have it. */
const TARGET = 'node24';

/** Packages with parts for this processor and system, which cannot be in a file of JavaScript. */
const NATIVE = ['@duckdb/node-api'];

/** Packages of which a file is read at run time, and who reads it. */
const READ_BY: Readonly<Record<string, string>> = { 'bzip2-wasm': 'apps/serf-publisher/src/tag/bzip2.ts' };

/** Who imports it finds the page in the folder `page` beside the bundle. */
const SERVES_THE_PAGE = 'apps/storage/src/service.ts';

/** Who imports it finds the inventory for newcomers, by the same path as in the sources, beside the bundle. */
const WATCHES_THE_EXAMPLE = 'apps/guaita/src/commands/up.ts';
const EXAMPLE = 'examples/devices.yaml';

/** Who imports it finds what every deployment has in the folder `deploy` beside the bundle; nothing of a site is in it. */
const DEPLOYS = 'apps/guaita/src/deploy/templates.ts';
const TEMPLATES = /^(stack[^/]*\.yml|(antidote|config|inventory)\/.+)$/;

/** What CommonJS packages expect around them and ES modules do not have. */
const COMMONJS_SURROUNDINGS = [
  `import { createRequire as bundleCreateRequire } from 'node:module';`,
  `const require = bundleCreateRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join(' ');

/** A service in few files. */
export interface Bundle {
  readonly app: string;
  /** Which one Node.js is given. */
  readonly file: string;
  /** Of all the code. */
  readonly bytes: number;
}

/** The apps that can be started: those with a `main.ts`. */
export async function bundleableApps(): Promise<string[]> {
  const apps = await readdir(join(WORKSPACE, 'apps'));
  return apps.filter((app) => existsSync(join(WORKSPACE, 'apps', app, 'src/main.ts'))).sort();
}

/**
 * Makes one file of an app and all it imports, and others of what it loads only once that is needed, with a source map
 * beside each. Names stay readable (no minifying): a stack trace of a small host must make sense, and a few hundred
 * kilobytes do not matter there. Packages with native parts, for this host's processor and system, or of which a file
 * is read, stand in `node_modules` beside them, where Node.js looks for them; and the built page, where it is served, in
 * `page`; and the example inventory, where `guaita up` is in it.
 *
 * @param folder its own, made anew; `<app>.mjs` goes there
 */
export async function bundle(app: string, folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [join(WORKSPACE, 'apps', app, 'src/main.ts')],
    outdir: folder,
    entryNames: app,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    chunkNames: 'part-[hash]',
    platform: 'node',
    target: TARGET,
    format: 'esm',
    external: NATIVE,
    metafile: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'linked',
    banner: { js: COMMONJS_SURROUNDINGS },
    logLevel: 'warning',
  });
  const imported = new Set(Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path)));
  const has = (source: string): boolean => Object.keys(metafile.inputs).some((input) => input.endsWith(source));
  if (has(WATCHES_THE_EXAMPLE)) await cp(join(WORKSPACE, EXAMPLE), join(folder, EXAMPLE));
  if (has(DEPLOYS)) await copyTemplates(join(folder, 'deploy'));
  if (has(SERVES_THE_PAGE)) {
    const outDir = join(folder, 'page');
    await buildPage({ root: join(WORKSPACE, 'apps/web'), build: { outDir, emptyOutDir: true }, logLevel: 'warn' });
  }
  const modules = join(folder, 'node_modules');
  const read = Object.keys(READ_BY).filter((name) => has(READ_BY[name] ?? name));
  for (const name of [...NATIVE.filter((each) => imported.has(each)), ...read]) {
    await copyPackage(name, join(WORKSPACE, 'package.json'), modules);
  }
  const code = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.mjs'));
  return { app, file: join(folder, `${app}.mjs`), bytes: code.reduce((sum, [, { bytes }]) => sum + bytes, 0) };
}

async function copyTemplates(target: string): Promise<void> {
  const source = join(WORKSPACE, 'deploy');
  const names = (await readdir(source, { recursive: true })).filter((name) => TEMPLATES.test(name));
  for (const name of names) await cp(join(source, name), join(target, name), { recursive: true });
}

/** Copies a package, and all that it depends on, as far as it is installed: of some only the part for this system is. */
async function copyPackage(name: string, askedBy: string, modules: string): Promise<void> {
  const target = join(modules, name);
  if (existsSync(target)) return;
  const manifest = createRequire(askedBy)
    .resolve.paths(name)
    ?.map((folder) => join(folder, name, 'package.json'))
    .find((path) => existsSync(path));
  if (manifest === undefined) return;
  await mkdir(dirname(target), { recursive: true });
  await cp(dirname(manifest), target, { recursive: true, dereference: true });
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(await readFile(manifest, 'utf8')) as Manifest;
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
    await copyPackage(needed, manifest, modules);
  }
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
