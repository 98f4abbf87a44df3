import { EXIT } from '@guaita/service';
import { dockerClient, type Docker } from '../../deploy/docker.ts';
import { DeploymentError, readDeployment, type Deployment } from '../../deploy/deployment.ts';
import { monitorsLive, monitorsOf } from '../../deploy/monitors.ts';
import { removeOldInputs } from '../../deploy/old-inputs.ts';
import { renewInTurn, startAll } from '../../deploy/rollout.ts';
import { readStack } from '../../deploy/swarm.ts';
import type { Output } from '../../output.ts';
import { FOLDER, patienceOf, STACK, TIMEOUT, type AddSubcommand, type DeployFlags } from './subcommand.ts';

interface UpFlags extends DeployFlags {
  readonly timeout: number;
}

interface UpgradeFlags extends UpFlags {
  readonly to?: string;
}

/** Adds `guaita deploy up` and `guaita deploy upgrade`. */
export const addUp: AddSubcommand = (deploy, output, guarded) => {
  deploy
    .command('up')
    .description('Deploy the site as its folder has it, and wait until every service runs and every monitor lives.')
    .addOption(FOLDER)
    .addOption(STACK)
    .addOption(TIMEOUT)
    .addHelpText(
      'after',
      `
May be run as often as one likes: what has not changed is not touched, and what has is renewed service by service, host by
host. Settings of the stack stand in the folder's stack.env (GUAITA_IMAGE_PREFIX, GUAITA_VERSION, GUAITA_OVERLAYS=node-red).

Examples:
  guaita deploy up
  GUAITA_IMAGE_PREFIX=registry.lan:5000/guaita guaita deploy up`,
    )
    .action(
      guarded(async (flags: UpFlags) => {
        const deployment = await readDeployment(flags.folder, flags.stack, process.env);
        const isThere = (await readStack(dockerClient, flags.stack)).services.length > 0;
        return roll(dockerClient, deployment, isThere, flags, output);
      }),
    );

  deploy
    .command('upgrade')
    .description('Renew images, settings and secrets, one service after the other and one host after the other.')
    .addOption(FOLDER)
    .addOption(STACK)
    .addOption(TIMEOUT)
    .option('--to <VERSION>', 'the version of the images (write GUAITA_VERSION=VERSION into stack.env to stay with it)')
    .addHelpText(
      'after',
      `
Never two hosts have a service away at the same time. A service whose new containers do not live is taken back by the Swarm,
and those after it stay as they were.

Example:
  guaita deploy upgrade --to 0.2.0`,
    )
    .action(
      guarded(async (flags: UpgradeFlags) => {
        const given = flags.to === undefined ? process.env : { ...process.env, GUAITA_VERSION: flags.to };
        const deployment = await readDeployment(flags.folder, flags.stack, given);
        const { services } = await readStack(dockerClient, flags.stack);
        if (services.length === 0)
          throw new DeploymentError(`no stack ${flags.stack} runs here; guaita deploy up starts it`);
        return roll(dockerClient, deployment, true, flags, output);
      }),
    );
};

async function roll(
  docker: Docker,
  deployment: Deployment,
  isThere: boolean,
  { timeout }: UpFlags,
  output: Output,
): Promise<number> {
  const { site, folder } = deployment;
  const patience = patienceOf(timeout, output);
  const began_ms = patience.now();
  await (isThere ? renewInTurn : startAll)(docker, deployment, patience);
  const limit_ms = patience.limit_ms - (patience.now() - began_ms);
  await monitorsLive(site, monitorsOf(site, folder), { ...patience, limit_ms });
  await removeOldInputs(docker, deployment);
  const address = site.floating_ip?.address ?? site.hosts[0]?.address ?? '';
  output.print(`all is well: http://${address.includes(':') ? `[${address}]` : address}:${site.ports.page}/`);
  return EXIT.ok;
}
