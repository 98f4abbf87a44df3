import { findProgram } from './programs.mjs';
import { installWithApt } from './apt.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./commands.mjs').Command} Command */
/** @typedef {import('./commands.mjs').SystemPackage} SystemPackage */

/**
 * Sees to it that the programs a command runs are there.
 *
 * @param {Pick<Command, 'packages' | 'goesOnWithout'>} command
 * @param {{
 *   find?: (program: string) => string | undefined,
 *   install?: (packages: readonly SystemPackage[]) => Promise<string | undefined>,
 *   say?: (line: string) => void,
 * }} [machine] what stands between us and the machine; `install` gives why it could not
 * @throws {SetupError} when a program is missing, cannot be installed, and the command cannot do without
 */
export async function ensureSystemPackages(command, machine = {}) {
  const { find = findProgram, install = installWithApt, say = (line) => console.error(`setup: ${line}`) } = machine;
  const missing = () => command.packages.filter(({ program }) => find(program) === undefined);
  const before = missing();
  if (before.length === 0) return;
  say(`installing ${before.map(({ name }) => name).join(', ')}`);
  const failure = await install(before);
  const after = missing();
  if (after.length === 0) return;
  const line = whatToInstall(after, failure ?? 'apt-get brought no such program');
  if (!command.goesOnWithout) throw new SetupError(line);
  say(`${line}. Going on without, more slowly`);
}

/**
 * @param {readonly SystemPackage[]} packages
 * @param {string} reason
 */
function whatToInstall(packages, reason) {
  const each = packages.map(({ name, why }) => `${name} (${why})`).join(', ');
  const names = packages.map(({ name }) => name).join(' ');
  return `missing: ${each}; ${reason}. Please install: sudo apt-get install ${names}`;
}
