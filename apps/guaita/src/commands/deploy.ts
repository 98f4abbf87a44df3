import { EXIT } from '@guaita/service';
import { ConfigError } from '@guaita/settings';
import type { Command } from 'commander';
import { DeploymentError } from '../deploy/deployment.ts';
import { DockerError } from '../deploy/docker.ts';
import { FolderError } from '../deploy/folder.ts';
import { RolloutError } from '../deploy/rollout.ts';
import { SecretsError } from '../deploy/secrets.ts';
import { addCheck } from './deploy/check.ts';
import { addDown } from './deploy/down.ts';
import { addEnv } from './deploy/env.ts';
import { addInit } from './deploy/init.ts';
import { addDeployStatus } from './deploy/status.ts';
import { addUp } from './deploy/up.ts';
import type { Shell } from './shell.ts';

/** What a person can mend; anything else is a fault of ours and shows where it comes from. */
const MENDABLE = [DeploymentError, DockerError, FolderError, RolloutError, SecretsError];

/** Adds `guaita deploy`: a site of several hosts in a Docker Swarm. */
export function addDeploy(program: Command, { output, exit }: Shell): void {
  const deploy = program
    .command('deploy')
    .description('Set up and run a site of several hosts in a Docker Swarm: secrets, stack, upgrades.');
  const guarded =
    <Given extends readonly unknown[]>(work: (...given: Given) => Promise<number>) =>
    async (...given: Given): Promise<void> => {
      try {
        exit(await work(...given));
      } catch (error) {
        if (error instanceof ConfigError || !MENDABLE.some((kind) => error instanceof kind)) throw error;
        process.stderr.write(`${(error as Error).message}\n`);
        exit(EXIT.failure);
      }
    };
  for (const add of [addInit, addCheck, addUp, addDeployStatus, addDown, addEnv]) add(deploy, output, guarded);
}
