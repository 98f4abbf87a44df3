import { EXIT } from '@guaita/service';
import { randomBytes } from 'node:crypto';
import { checkDeployment } from '../../deploy/check/check.ts';
import { thisHost } from '../../deploy/check/this-host.ts';
import { dockerClient } from '../../deploy/docker.ts';
import { renderFindings } from '../../doctor/finding.ts';
import { FOLDER, STACK, type AddSubcommand, type DeployFlags } from './subcommand.ts';

interface CheckFlags extends DeployFlags {
  readonly json?: boolean;
}

/** Adds `guaita deploy check`. */
export const addCheck: AddSubcommand = (deploy, output, guarded) => {
  deploy
    .command('check')
    .description(
      'Look at all that a deployment needs: folder, Docker, Swarm, nodes, clocks, ports, images; say what to do.',
    )
    .addOption(FOLDER)
    .addOption(STACK)
    .option('--json', 'one JSON object with all findings')
    .addHelpText(
      'after',
      '\nExample:\n  guaita deploy check\n\nExit code 1 when something failed. Ports, kernel and clock are those of the host where it runs.',
    )
    .action(
      guarded(async ({ folder, stack, json }: CheckFlags) => {
        const findings = await checkDeployment({
          ...{ folder, stack, environment: process.env, docker: dockerClient, host: thisHost },
          ...{ now_ms: Date.now(), random: randomBytes },
        });
        if (json === true) output.print(JSON.stringify({ findings }));
        else for (const line of renderFindings(findings)) output.print(line);
        return findings.some(({ level }) => level === 'failure') ? EXIT.failure : EXIT.ok;
      }),
    );
};
