import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './programs.mjs';
import { runProgram } from './run-program.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./commands.mjs').SystemPackage} SystemPackage */

/** Debian asks this program before it starts or restarts a daemon; exit code 101 says no (policy-rc.d specification). */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY =
  '#!/bin/sh\n# Made by a running installation, which takes it away again: no daemon is to be started.\nexit 101\n';

/** Another apt-get may be at work, such as unattended upgrades: wait for it, but not for ever. */
const LOCK_PATIENCE_S = 120;

/** Exit codes above this mean that a signal ended the program. */
const SIGNALLED = 128;

/**
 * Installs packages by apt-get, as root or by sudo without a password. Daemons that come with them are neither started
 * now nor at the next boot: they would listen on all interfaces, and we run programs ourselves, on loopback.
 *
 * @param {readonly SystemPackage[]} packages
 * @param {{
 *   run?: (program: string, args: readonly string[]) => Promise<number>,
 *   has?: (program: string) => boolean,
 *   isRoot?: boolean,
 *   policyFile?: string,
 * }} [machine]
 * @returns {Promise<string | undefined>} why it could not; `undefined` when it did
 * @throws {SetupError} when somebody interrupts it
 */
export async function installWithApt(packages, machine = {}) {
  const {
    run = runProgram,
    has = (program) => findProgram(program) !== undefined,
    isRoot = process.getuid?.() === 0,
    policyFile = POLICY_FILE,
  } = machine;
  if (!has('apt-get')) return 'this system has no apt-get';
  /** @param {...string} args */
  const asRoot = (...args) => (isRoot ? run('env', args) : run('sudo', ['-n', 'env', ...args]));
  if (!isRoot && (!has('sudo') || (await run('sudo', ['-n', 'true'])) !== 0)) {
    return 'installing needs root, or sudo without a password';
  }
  const options = [`DPkg::Lock::Timeout=${LOCK_PATIENCE_S}`, 'Dpkg::Use-Pty=0'].flatMap((option) => ['-o', option]);
  const aptGet = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...options];
  // Without fresh lists the versions that we ask for may be gone from the mirror. A failure shows in the next step.
  await asRoot(...aptGet, 'update');
  const code = await withoutStarting(policyFile, asRoot, () =>
    asRoot(...aptGet, 'install', '-y', '--no-install-recommends', ...packages.map(({ name }) => name)),
  );
  if (code > SIGNALLED) throw new SetupError('apt-get was interrupted');
  if (code !== 0) return `apt-get failed (exit code ${code}), see above`;
  const services = packages.flatMap((each) => each.services ?? []);
  // A policy of the machine's own may have let them start.
  const now = existsSync('/run/systemd/system') ? ['--now'] : [];
  if (services.length > 0 && has('systemctl')) await asRoot('systemctl', '--quiet', 'disable', ...now, ...services);
  return undefined;
}

/**
 * Does something while Debian's packages may not start daemons. A policy of the machine's own is left as it is.
 *
 * @template Result
 * @param {string} policyFile
 * @param {(...args: string[]) => Promise<unknown>} asRoot
 * @param {() => Promise<Result>} work
 */
async function withoutStarting(policyFile, asRoot, work) {
  if (existsSync(policyFile)) return work();
  const folder = mkdtempSync(join(tmpdir(), 'guaita-policy-'));
  const draft = join(folder, 'policy-rc.d');
  writeFileSync(draft, POLICY);
  try {
    await asRoot('install', '-m', '755', draft, policyFile);
    return await work();
  } finally {
    await asRoot('rm', '-f', policyFile);
    rmSync(folder, { recursive: true });
  }
}
