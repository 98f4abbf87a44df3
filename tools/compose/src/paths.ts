import { join } from 'node:path';

export const WORKSPACE = join(import.meta.dirname, '../../..');

/** A file of the workspace. */
export function workspaceFile(path: string): string {
  return join(WORKSPACE, path);
}
