import { join } from 'node:path';

export const WORKSPACE = join(import.meta.dirname, '../../..');

/** The services that run composed. */
export const SERVICES = ['assign', 'ping', 'snmp', 'alert', 'storage', 'serf-publisher'] as const;

/** A file of the workspace. */
export function workspaceFile(path: string): string {
  return join(WORKSPACE, path);
}
