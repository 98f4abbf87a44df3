import { EXIT } from '@guaita/service';
import { readSite, SITE_FILE } from '@guaita/site';
import { join } from 'node:path';
import { serviceStates } from '../../deploy/convergence.ts';
import { DeploymentError } from '../../deploy/deployment.ts';
import { dockerClient } from '../../deploy/docker.ts';
import { readFolder } from '../../deploy/folder.ts';
import { monitorsOf } from '../../deploy/monitors.ts';
import { renderDeployment } from '../../deploy/render.ts';
import { readStack } from '../../deploy/swarm.ts';
import { FOLDER, STACK, type AddSubcommand, type DeployFlags } from './subcommand.ts';

interface StatusFlags extends DeployFlags {
  readonly json?: boolean;
}

/** Adds `guaita deploy status`. */
export const addDeployStatus: AddSubcommand = (deploy, output, guarded) => {
  deploy
    .command('status')
    .description('Show each service on each host, what is amiss, and the monitors.')
    .addOption(FOLDER)
    .addOption(STACK)
    .option('--json', 'one JSON object: services, broker, monitors')
    .addHelpText('after', '\nExample:\n  guaita deploy status\n\nExit code 0: all runs and all is well, 1: not so.')
    .action(
      guarded(async ({ folder, stack, json }: StatusFlags) => {
        const text = (await readFolder(folder, [SITE_FILE])).get(SITE_FILE);
        if (text === undefined) throw new DeploymentError(`${folder} has no ${SITE_FILE}; name another with --folder`);
        const states = serviceStates(await readStack(dockerClient, stack), stack);
        if (states.length === 0) throw new DeploymentError(`no stack ${stack} runs here; guaita deploy up starts it`);
        const heard = await monitorsOf(readSite(text, join(folder, SITE_FILE)), folder)();
        if (json === true) output.print(JSON.stringify({ services: states, ...heard }));
        else for (const line of renderDeployment(states, heard)) output.print(line);
        const isWell = states.every(({ converged }) => converged) && heard.broker !== undefined && heard.judgement.ok;
        return isWell ? EXIT.ok : EXIT.failure;
      }),
    );
};
