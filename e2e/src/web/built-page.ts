import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '../../../apps/web');

/** The page as it is built for users, in a folder of its own. */
export interface BuiltPage {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

export async function buildPage(): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  await build({
    root: ROOT,
    configFile: join(ROOT, 'vite.config.mjs'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
