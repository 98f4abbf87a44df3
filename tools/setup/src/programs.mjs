import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where daemons live; an ordinary user's PATH leaves these out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * Looks for a program as a shell would, and where daemons live.
 *
 * @param {string} program
 * @param {string} [path]
 * @param {readonly string[]} [systemFolders]
 * @returns {string | undefined} its file
 */
export function findProgram(program, path = process.env['PATH'] ?? '', systemFolders = SYSTEM_FOLDERS) {
  return [...path.split(delimiter), ...systemFolders].map((folder) => join(folder, program)).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
