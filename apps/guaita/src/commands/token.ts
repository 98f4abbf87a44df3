import { makeToken, Role, TokenName } from '@guaita/storage';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Shell } from './shell.ts';

interface TokenOptions {
  readonly role: Role;
  readonly name: string;
  readonly json?: boolean;
}

/** Adds `guaita token`: the token is kept nowhere, so that it can only be shown once. */
export function addToken(program: Command, { output }: Shell): void {
  program
    .command('token')
    .description('Make a token by which somebody comes in to the page and the API, and what guaita.yaml keeps of it.')
    .requiredOption('--name <NAME>', 'whose it is; what is done by it is done in this name', nameOf)
    .addOption(
      new Option('--role <ROLE>', 'a viewer reads, an operator gives commands, too')
        .choices(Role.options)
        .makeOptionMandatory(),
    )
    .option('--json', 'one JSON object: name, role, token, sha256')
    .addHelpText(
      'after',
      `
Examples:
  guaita token --role viewer --name wall-display
  guaita token --role operator --name ada --json > ada.json

A token is as good as a password: give it to its holder alone. It holds from the next start of the monitor with that
configuration on, at each monitor that has it, until it is taken out there.`,
    )
    .action(({ name, role, json }: TokenOptions) => {
      const { token, sha256 } = makeToken();
      if (json === true) output.print(JSON.stringify({ name, role, token, sha256 }));
      else for (const line of render(name, role, token, sha256)) output.print(line);
    });
}

function render(name: string, role: Role, token: string, sha256: string): string[] {
  return [
    `# The token of ${name}, shown this once: ${token}`,
    '# For guaita.yaml, which so knows it when it comes, and from which nobody can tell it:',
    'storage:',
    '  tokens:',
    // A JSON string is a YAML one, whatever stands in it.
    `    ${JSON.stringify(name)}: { role: ${role}, sha256: ${sha256} }`,
  ];
}

function nameOf(text: string): string {
  if (TokenName.safeParse(text).success) return text;
  throw new InvalidArgumentError('It is no name: give 1 to 64 characters like "ada" or "wall display".');
}
