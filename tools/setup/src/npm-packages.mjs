import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from './run-program.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Compares what package-lock.json asks for with what npm says it installed (node_modules/.package-lock.json). By
 * content, since times of files say little after a checkout, and fast enough to do at every start.
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
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    // The empty path is the workspace itself; an optional package is installed only on the machines that it is for.
    if (path === '' || (optional === true && installed[path] === undefined)) continue;
    if (installed[path]?.version !== version || installed[path]?.integrity !== integrity) {
      return `${path.replace(/^.*node_modules\//, '')} is not what package-lock.json asks for`;
    }
  }
  if (!existsSync(join(workspace, 'node_modules/.bin/node'))) return 'the Node.js of the workspace is missing';
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
