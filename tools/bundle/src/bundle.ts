import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const WORKSPACE = join(import.meta.dirname, '../../..');

/** Node.js as the images have it. */
const TARGET = 'node24';

/** What CommonJS packages expect around them and ES modules do not have. */
const COMMONJS_SURROUNDINGS = [
  `import { createRequire as bundleCreateRequire } from 'node:module';`,
  `const require = bundleCreateRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join(' ');

/** A service in one file. */
export interface Bundle {
  readonly app: string;
  readonly file: string;
  readonly bytes: number;
}

/** The apps that can be started: those with a `main.ts`. */
export async function bundleableApps(): Promise<string[]> {
  const apps = await readdir(join(WORKSPACE, 'apps'));
  return apps.filter((app) => existsSync(join(WORKSPACE, 'apps', app, 'src/main.ts'))).sort();
}

/**
 * Makes one file of an app and all it imports, with a source map beside it. Names stay readable (no minifying): a stack
 * trace of a small host must make sense, and a few hundred kilobytes do not matter there.
 *
 * @param folder where `<app>.mjs` goes
 */
export async function bundle(app: string, folder: string): Promise<Bundle> {
  const file = join(folder, `${app}.mjs`);
  await build({
    entryPoints: [join(WORKSPACE, 'apps', app, 'src/main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: TARGET,
    format: 'esm',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'linked',
    banner: { js: COMMONJS_SURROUNDINGS },
    logLevel: 'warning',
  });
  return { app, file, bytes: (await stat(file)).size };
}
