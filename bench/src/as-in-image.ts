import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * One file, as an image runs it. V8 gives its young generation a multiple of this and never gives it back; 4 MB is
 * room for a second's work many times over. And where little happens V8 would collect everything every two minutes.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4', '--no-memory-reducer'];

/** Bundles a service, and gives the arguments with which Node runs it as its image does. */
export async function serviceAsInImage(name: 'assign' | 'ping' | 'snmp'): Promise<string[]> {
  const path = (relative: string): string => new URL(relative, import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [path('../../tools/bundle/src/main.ts'), name]);
  return [...NODE_FLAGS, path(`../../dist/${name}/${name}.mjs`)];
}
