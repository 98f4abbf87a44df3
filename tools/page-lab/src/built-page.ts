import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const { resolve } = createRequire(import.meta.url);

/** The page as it is built for users, in a folder of its own. */
export interface BuiltPage {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/** Builds it as `npm run build` does, in a process of its own: a test's environment would make another page. */
export async function buildPage(): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  const vite = join(dirname(resolve('vite/package.json')), 'bin/vite.js');
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'],
    {
      cwd: dirname(resolve('@guaita/web/package.json')),
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
