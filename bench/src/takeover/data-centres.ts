import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from '@guaita/lab';
import type { Id } from '@guaita/model';

const MAIN = new URL('../../../apps/guaita/src/main.ts', import.meta.url).pathname;

/** Makes data centres of AntidoteDB servers, connects them, and writes the sentinel, as an operator does. */
export async function connectDataCentres(addresses: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [MAIN, 'antidote', 'connect', ...addresses]);
}

/** Gives each monitor a data centre of its own, as far as there are any. */
export function dataCentres(monitors: readonly Id[], addresses: readonly string[]): Map<Id, string[]> {
  return new Map(monitors.map((monitor, index) => [monitor, [addresses[index % addresses.length] ?? '']]));
}

/** The address of a server that is down. */
export async function deadServer(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}
