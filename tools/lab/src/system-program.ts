import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where a server program is: Debian keeps them in /usr/sbin, which is not in everybody's PATH.
 *
 * @throws {Error} that names the package to install.
 */
export function systemProgram(name: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed: apt-get install ${name}`);
  return found;
}
