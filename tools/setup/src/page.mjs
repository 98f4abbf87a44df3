import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.mjs';

/** Where the live page's sources are, and what of them is built into it. */
const PAGE = 'apps/web';
const SOURCES = ['index.html', 'package.json', 'vite.config.mjs', 'public', 'src'];

/** Says of which sources the built page is. A build empties its folder, and this goes with it. */
const STAMP = 'dist/.built-from';

/**
 * Compares the built page with its sources: by content, since times of files say little after a checkout.
 *
 * @param {string} workspace
 * @returns {string | undefined} why the page has to be built; `undefined` when it is there and is that of the sources
 */
export function pageMissing(workspace) {
  const page = join(workspace, PAGE);
  if (!existsSync(join(page, 'dist/index.html'))) return 'the live page is not built yet';
  return readIfThere(join(page, STAMP)) === sourcesHash(workspace) ? undefined : 'the sources of the live page changed';
}

/**
 * Builds the live page. A monitor watches and alerts without one, so nothing is thrown.
 *
 * @param {string} workspace
 * @param {string} reason
 */
export async function buildPage(workspace, reason) {
  console.error(`setup: ${reason}: building it`);
  const of = sourcesHash(workspace);
  const args = [join(workspace, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'];
  const code = await runProgram(join(workspace, 'node_modules/.bin/node'), args, { cwd: join(workspace, PAGE) });
  if (code === 0) writeFileSync(join(workspace, PAGE, STAMP), of);
  else
    console.error(
      `setup: the live page could not be built (exit code ${code}), see above; all else goes on without it`,
    );
}

/** @param {string} workspace */
function sourcesHash(workspace) {
  const page = join(workspace, PAGE);
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const root = join(page, source);
    if (!existsSync(root)) continue;
    const files = statSync(root).isDirectory()
      ? readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name))
      : [root];
    for (const file of files.sort()) {
      if (!statSync(file).isFile() || /\.test(?:data)?\.ts$/.test(file)) continue;
      hash
        .update(`${file.slice(page.length)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

/** @param {string} file */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
