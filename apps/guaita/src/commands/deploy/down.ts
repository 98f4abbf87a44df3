import { EXIT } from '@guaita/service';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { dockerClient } from '../../deploy/docker.ts';
import { DeploymentError } from '../../deploy/deployment.ts';
import { SECRET_FILES } from '../../deploy/init.ts';
import { stopAll } from '../../deploy/stop.ts';
import { FOLDER, patienceOf, STACK, TIMEOUT, type AddSubcommand, type DeployFlags } from './subcommand.ts';

interface DownFlags extends DeployFlags {
  readonly timeout: number;
  readonly secrets?: boolean;
  readonly yes?: boolean;
}

/** Adds `guaita deploy down`. */
export const addDown: AddSubcommand = (deploy, output, guarded) => {
  deploy
    .command('down')
    .description('Take the stack away from all hosts. What was stored stays in the hosts’ volumes, for the next up.')
    .addOption(FOLDER)
    .addOption(STACK)
    .addOption(TIMEOUT)
    .option('--secrets', 'delete passwords and certificates from the folder, too: init makes new ones')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  guaita deploy down')
    .action(
      guarded(async ({ folder, stack, timeout, secrets = false, yes = false }: DownFlags) => {
        const what = `the stack ${stack}${secrets ? `, and every password and certificate in ${folder}` : ''}`;
        if (!yes && !(await agrees(`Take away ${what}? Nothing watches any more then. [y/N] `, output.isTerminal))) {
          output.print('nothing was changed');
          return EXIT.failure;
        }
        await stopAll(dockerClient, stack, patienceOf(timeout, output));
        if (secrets) await Promise.all(SECRET_FILES.map((file) => rm(join(folder, file), { force: true })));
        output.print(
          `${what}: gone; volumes are kept (docker volume ls --filter label=com.docker.stack.namespace=${stack})`,
        );
        return EXIT.ok;
      }),
    );
};

/** @throws {DeploymentError} where nobody can be asked. */
async function agrees(question: string, isTerminal: boolean): Promise<boolean> {
  if (!process.stdin.isTTY || !isTerminal) {
    throw new DeploymentError('nobody is at a terminal to be asked; say --yes if it is meant');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
