import { ConfigError } from '@guaita/settings';
import { readSite, SITE_FILE, type Site } from '@guaita/site';
import { join } from 'node:path';
import type { Finding } from '../../doctor/finding.ts';
import type { RandomBytes } from '../certificates.ts';
import { DeploymentError, readDeployment, type Deployment } from '../deployment.ts';
import { DockerError, type Docker } from '../docker.ts';
import { FolderError, readFolder } from '../folder.ts';
import { SECRET_FILES } from '../init.ts';
import { readStack } from '../swarm.ts';
import { clockFindings } from './clocks.ts';
import { engineFindings, readEngine } from './engine.ts';
import { hostFindings } from './host.ts';
import { imageFindings } from './images.ts';
import { nodeFindings } from './nodes.ts';
import { secretFindings } from './secrets.ts';
import type { ThisHost } from './this-host.ts';

/** What is looked at, and by what. */
export interface CheckOptions {
  readonly folder: string;
  readonly stack: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly docker: Docker;
  readonly host: ThisHost;
  readonly now_ms: number;
  readonly random: RandomBytes;
}

/** Swarm takes no config that is larger (and a secret of half of it at most, before version 28). */
const CONFIG_BYTES = 500_000;

/** Looks at all that a deployment needs; what cannot be looked at is what it finds. */
export async function checkDeployment(options: CheckOptions): Promise<Finding[]> {
  const ofFolder = await folderFindings(options);
  return [...ofFolder.findings, ...(await swarmFindings(options, ofFolder.site, ofFolder.deployment))];
}

interface OfFolder {
  readonly findings: readonly Finding[];
  readonly site?: Site;
  readonly deployment?: Deployment;
}

async function folderFindings({ folder, stack, environment, now_ms, random }: CheckOptions): Promise<OfFolder> {
  const failure = (error: unknown): Finding => {
    if (!MENDABLE.some((kind) => error instanceof kind)) throw error;
    return {
      check: 'folder',
      level: 'failure',
      detail: (error as Error).message,
      mend: 'guaita deploy init makes what is missing.',
    };
  };
  let site: Site;
  let found: Map<string, string>;
  try {
    found = await readFolder(folder, [SITE_FILE, ...SECRET_FILES]);
    const text = found.get(SITE_FILE);
    if (text === undefined) throw new DeploymentError(`${folder} has no ${SITE_FILE}`);
    site = readSite(text, join(folder, SITE_FILE));
  } catch (error) {
    return { findings: [failure(error)] };
  }
  const findings: Finding[] = [
    { check: 'site', level: 'ok', detail: `${site.site} with ${site.hosts.map(({ name }) => name).join(', ')}` },
    ...secretFindings(found, site, folder, now_ms, random),
  ];
  try {
    const deployment = await readDeployment(folder, stack, environment);
    return { findings: [...findings, ...(await sizeFindings(deployment))], site, deployment };
  } catch (error) {
    return { findings: [...findings, failure(error)], site };
  }
}

const MENDABLE = [ConfigError, DeploymentError, FolderError];

async function sizeFindings({ folder, inputs }: Deployment): Promise<Finding[]> {
  const contents = await readFolder(
    folder,
    inputs.map(({ file }) => file),
  );
  return [...contents].flatMap(([file, text]): Finding[] => {
    const bytes = Buffer.byteLength(text);
    if (bytes <= CONFIG_BYTES) return [];
    const detail = `${file} has ${bytes} bytes, and a Swarm takes ${CONFIG_BYTES} at most`;
    const mend = 'Enter a large inventory by guaita devices add --from FILE instead.';
    return [{ check: 'size', level: 'failure', detail, mend }];
  });
}

async function swarmFindings(
  { docker, host, stack }: CheckOptions,
  site: Site | undefined,
  deployment: Deployment | undefined,
): Promise<Finding[]> {
  try {
    const engine = await readEngine(docker);
    const findings = engineFindings(engine);
    if (!engine.Swarm.ControlAvailable || site === undefined) {
      return site === undefined ? findings : [...findings, ...(await hostFindings(host, engine.Name, site, false))];
    }
    const state = await readStack(docker, stack);
    return [
      ...findings,
      ...nodeFindings(site, state.nodes),
      ...clockFindings(state),
      ...(deployment === undefined ? [] : await imageFindings(docker, deployment, state.nodes)),
      ...(await hostFindings(host, engine.Name, site, state.services.length > 0)),
    ];
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    return [
      { check: 'docker', level: 'failure', detail: error.message, mend: 'Docker has to answer here; see above.' },
    ];
  }
}
