import { readSite, SITE_FILE, type Site } from '@guaita/site';
import { join } from 'node:path';
import { readFolder } from './folder.ts';
import { readVariables, stackInputs, stackVariables, type StackInput } from './variables.ts';

/** A folder that `init` has made, ready to be deployed. */
export interface Deployment {
  readonly folder: string;
  /** What the stack is called in the Swarm. */
  readonly stack: string;
  readonly site: Site;
  /** The stack's files by name: the stack, and what is laid over it. */
  readonly files: ReadonlyMap<string, string>;
  readonly inputs: readonly StackInput[];
  /** For Docker's client, which puts them into the files. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A folder that is no deployment, or not a whole one. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}

const STACK_FILE = 'stack.yml';
/** Settings of the stack that are to hold for each deployment from this folder: lines of NAME=VALUE. */
export const SETTINGS_FILE = 'stack.env';
/** Whoever wants something else than stack.yml has it lays this over it. */
const LOCAL_FILE = 'stack.local.yml';

/**
 * Reads the folder of a deployment.
 *
 * @param environment whose variables go before those of `stack.env`.
 * @throws {DeploymentError} when something of it is missing.
 * @throws {ConfigError} when `site.yaml` has mistakes.
 */
export async function readDeployment(
  folder: string,
  stack: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Deployment> {
  const first = await readFolder(folder, [SITE_FILE, STACK_FILE, SETTINGS_FILE, LOCAL_FILE]);
  const settings = { ...readVariables(first.get(SETTINGS_FILE) ?? ''), ...given(environment) };
  const overlays = (settings['GUAITA_OVERLAYS'] ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const bad = overlays.find((name) => !/^[a-z0-9-]+$/.test(name));
  if (bad !== undefined) {
    throw new DeploymentError(`GUAITA_OVERLAYS names ${JSON.stringify(bad)}, which is none; give names like node-red`);
  }
  const names = [STACK_FILE, ...overlays.map((name) => `stack.${name}.yml`)];
  const found = new Map([...first, ...(await readFolder(folder, names))]);
  const missing = (what: readonly string[]): DeploymentError =>
    new DeploymentError(`${folder} lacks ${what.join(', ')}; run guaita deploy init --folder ${folder}`);
  const lacking = [SITE_FILE, ...names].filter((name) => !found.has(name));
  if (lacking.length > 0) throw missing(lacking);
  const site = readSite(found.get(SITE_FILE) ?? '', join(folder, SITE_FILE));
  const files = new Map(
    [...names, LOCAL_FILE].flatMap((name) => (found.has(name) ? [[name, found.get(name) ?? '']] : [])),
  );
  const inputs = stackInputs([...files.values()]);
  const contents = await readFolder(
    folder,
    inputs.map(({ file }) => file),
  );
  const lost = inputs.filter(({ file }) => !contents.has(file));
  if (lost.length > 0) throw missing(lost.map(({ file }) => file));
  return { folder, stack, site, files, inputs, variables: { ...settings, ...stackVariables(site, inputs, contents) } };
}

function given(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const ours = Object.entries(environment).filter(([name, value]) => name.startsWith('GUAITA_') && value !== undefined);
  return Object.fromEntries(ours) as Record<string, string>;
}
