import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands, usage } from './commands.mjs';
import { installNpmPackages, npmPackagesMissing } from './npm-packages.mjs';
import { buildPage, pageMissing } from './page.mjs';
import { runProgram } from './run-program.mjs';
import { SetupError } from './setup-error.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const WORKSPACE = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Readies this machine for a command and runs it.
 *
 * @param {readonly string[]} argv the command's name, then its own arguments
 * @returns {Promise<number>} the exit code
 */
export async function main(argv) {
  const [name, ...args] = argv;
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined) {
    const asked = name === '--help' || name === '-h';
    (asked ? console.log : console.error)(usage());
    return asked ? 0 : 2;
  }
  try {
    const missing = npmPackagesMissing(WORKSPACE);
    if (missing !== undefined) await installNpmPackages(WORKSPACE, missing);
    await ensureSystemPackages(command);
    const stale = command.showsPage ? pageMissing(WORKSPACE) : undefined;
    if (stale !== undefined) await buildPage(WORKSPACE, stale);
    const node = join(WORKSPACE, 'node_modules/.bin/node');
    const compiled = command.keepsCompiled
      ? { NODE_COMPILE_CACHE: join(WORKSPACE, 'node_modules/.cache/compiled') }
      : {};
    return await runProgram(node, [...command.nodeFlags, join(WORKSPACE, command.script), ...command.args, ...args], {
      env: { ...compiled, ...process.env },
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return 1;
  }
}

/** @param {string} line */
function say(line) {
  console.error(`setup: ${line}`);
}
