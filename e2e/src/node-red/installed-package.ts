import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACK = join(import.meta.dirname, '../../../integrations/node-red/pack.mjs');

/**
 * Makes the package as it is published and installs it in a user folder of Node-RED, as its README says. Nothing is
 * fetched: it stands alone.
 */
export async function installPackage(userFolder: string): Promise<void> {
  const folder = join(userFolder, 'packed');
  await run(process.execPath, [PACK, folder]);
  const { stdout } = await run('npm', ['pack', folder, '--silent'], { cwd: userFolder });
  await writeFile(join(userFolder, 'package.json'), '{ "name": "node-red-project", "private": true }');
  const quietly = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...quietly, stdout.trim()], { cwd: userFolder });
}
