import { EXIT } from '@guaita/service';
import { readDeployment } from '../../deploy/deployment.ts';
import { FOLDER, STACK, type AddSubcommand, type DeployFlags } from './subcommand.ts';

/** Adds `guaita deploy env`: for who deploys by Docker's own means. */
export const addEnv: AddSubcommand = (deploy, output, guarded) => {
  deploy
    .command('env')
    .description('Print the variables of the stack, for a plain docker stack deploy. There is no secret in them.')
    .addOption(FOLDER)
    .addOption(STACK)
    .addHelpText('after', '\nExample:\n  export $(guaita deploy env) && docker stack deploy -c deploy/stack.yml guaita')
    .action(
      guarded(async ({ folder, stack }: DeployFlags) => {
        const { variables } = await readDeployment(folder, stack, {});
        for (const [name, value] of Object.entries(variables)) output.print(`${name}=${value}`);
        return EXIT.ok;
      }),
    );
};
