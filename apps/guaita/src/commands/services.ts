import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { addCommandFlags, giveCommands, type CommandOptions } from './give-command.ts';
import { idOf } from './ids.ts';
import { addListServices } from './list-services.ts';
import type { Shell } from './shell.ts';

type Attributes = Readonly<Record<string, string>>;

interface AddOptions extends CommandOptions {
  readonly port: number;
  readonly address?: string;
  readonly protocol: string;
  readonly description?: string;
  readonly txt?: Attributes;
}

/** Adds `guaita services`, which lists them, and `guaita services add|remove`. */
export function addServices(program: Command, shell: Shell): void {
  const services = program.command('services').description('Say which services are known, and make services known.');
  addListServices(services, shell);
  addAdd(services, shell);
  addRemove(services, shell);
}

function addAdd(services: Command, { output, exit }: Shell): void {
  addCommandFlags(services.command('add'))
    .description('Make a service of this host known until it is removed, or change one that was made known so.')
    .argument('<type>', 'what is spoken there, such as http')
    .argument('<name>', 'what no other service of its type is called on this host', idOf)
    .requiredOption('--port <N>', 'where it listens', portOf)
    .option('--address <ADDRESS>', 'where it is reached, an IP address or a host name (default: at the monitor’s host)')
    .addOption(new Option('--protocol <PROTOCOL>', 'what it is spoken over').choices(['tcp', 'udp']).default('tcp'))
    .option('--description <TEXT>', 'for people')
    .option('--txt <KEY=VALUE...>', 'further facts, as a DNS-SD TXT record has them', attributesOf)
    .addHelpText(
      'after',
      `
Examples:
  guaita services add http wiki --port 8080 --description "The village wiki" --txt path=/start
  guaita services add dns resolver --port 53 --protocol udp --address 10.0.0.2

Exit codes: 0 known, and that is on disk, 1 refused, 2 wrong usage, 3 nobody answered.`,
    )
    .action(async (type: string, name: Id, options: AddOptions) => {
      const { port, address, protocol, description, txt } = options;
      const order = {
        channel: channels.addService,
        payload: { type, name, port, address, protocol, description, txt },
        about: [name],
      };
      exit(await giveCommands([order], `service ${type}/${name} is known`, options, output));
    });
}

function addRemove(services: Command, { output, exit }: Shell): void {
  addCommandFlags(services.command('remove'))
    .description('Take a service back that was added so. What Docker or Kubernetes run goes when it is removed there.')
    .argument('<type>', 'as "guaita services" shows it')
    .argument('<name>', 'as "guaita services" shows it', idOf)
    .addHelpText(
      'after',
      `
Example:
  guaita services remove http wiki

Exit codes: 0 taken back, and that is on disk, 1 refused, 2 wrong usage, 3 nobody answered.`,
    )
    .action(async (type: string, name: Id, options: CommandOptions) => {
      const order = { channel: channels.removeService, payload: { type, name }, about: [name] };
      exit(await giveCommands([order], `service ${type}/${name} is taken back`, options, output));
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It is no port: give a number from 1 to 65535.');
}

/** One more of several. */
function attributesOf(text: string, former: Attributes = {}): Attributes {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is no attribute: give KEY=VALUE, such as path=/start.');
  // Not by assignment: any text may be a key, and "__proto__" is one like the others.
  return Object.fromEntries([...Object.entries(former), [text.slice(0, at), text.slice(at + 1)]]);
}
