import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from './run-program.mjs';
import { SetupError } from './setup-error.mjs';

/** Says of which package-lock.json our last `npm ci` was. It goes when npm takes node_modules away. */
const STAMP = 'node_modules/.installed-from';

/**
 * Compares what package-lock.json asks for with what is installed. By content, since times of files say little after a
 * checkout, and fast enough to do at every start. Where somebody ran npm by hand, npm's own record tells
 * (node_modules/.package-lock.json); it alone would not do, since npm leaves out what a lock file holds needlessly.
 *
 * @param {string} workspace
 * @returns {string | undefined} why the packages have to be installed; `undefined` when they are all there
 */
export function npmPackagesMissing(workspace) {
  const installed = readPackages(join(workspace, 'node_modules/.package-lock.json'));
  if (installed === undefined) return 'the npm packages are not installed yet';
  const wanted = readPackages(join(workspace, 'package-lock.json'));
  if (wanted === undefined)
    throw new SetupError('package-lock.json is missing or broken: get it back from the repository');
  if (!existsSync(join(workspace, 'node_modules/.bin/node'))) return 'the Node.js of the workspace is missing';
  if (readStamp(workspace) === lockHash(workspace)) return undefined;
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    // The empty path is the workspace itself; an optional package is installed only on the machines that it is for.
    if (path === '' || (optional === true && installed[path] === undefined)) continue;
    if (installed[path]?.version !== version || installed[path]?.integrity !== integrity) {
      return `${path.replace(/^.*node_modules\//, '')} is not what package-lock.json asks for`;
    }
  }
  return undefined;
}

/**
 * Installs exactly what package-lock.json says.
 *
 * @param {string} workspace
 * @param {string} reason
 */
export async function installNpmPackages(workspace, reason) {
  console.error(`setup: ${reason}: running npm ci (a minute or two)`);
  const code = await runProgram('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: workspace,
    env: { ...process.env, PATH: withoutNodeModules(process.env['PATH'] ?? '') },
  });
  if (code !== 0) {
    throw new SetupError(
      `npm ci failed (exit code ${code}), see above. It needs the npm registry; and where it says that package.json and ` +
        'package-lock.json are out of step, `npm install` brings them together.',
    );
  }
  if (!existsSync(join(workspace, 'node_modules/.bin/node'))) {
    throw new SetupError(
      'npm ci did not bring Node.js into node_modules/.bin: its install script did not run. Allow it ' +
        '(`npm config set ignore-scripts false`) and run `npm rebuild node`.',
    );
  }
  markInstalled(workspace);
}

/**
 * Notes that what is installed is what package-lock.json asks for.
 *
 * @param {string} workspace
 */
export function markInstalled(workspace) {
  writeFileSync(join(workspace, STAMP), lockHash(workspace));
}

/** @param {string} workspace */
function lockHash(workspace) {
  return createHash('sha256')
    .update(readFileSync(join(workspace, 'package-lock.json')))
    .digest('hex');
}

/** @param {string} workspace */
function readStamp(workspace) {
  const file = join(workspace, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * npm must not run on the very Node.js in node_modules that it is about to replace.
 *
 * @param {string} path
 */
export function withoutNodeModules(path) {
  return path
    .split(delimiter)
    .filter((folder) => !/[\\/]node_modules[\\/]/.test(`${folder}/`))
    .join(delimiter);
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined; // Missing or torn: the caller says which.
  }
}
