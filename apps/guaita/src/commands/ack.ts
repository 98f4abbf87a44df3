import { channels } from '@guaita/messages';
import { AlertId } from '@guaita/model';
import { InvalidArgumentError, type Command } from 'commander';
import { addCommandFlags, giveCommands, type CommandOptions } from './give-command.ts';
import { addOperatorFlags, operatorOf, type OperatorOptions } from './operator.ts';
import type { Shell } from './shell.ts';

interface AckOptions extends CommandOptions, OperatorOptions {
  readonly undo?: boolean;
}

/** Adds `guaita ack`. */
export function addAck(program: Command, { output, exit }: Shell): void {
  addOperatorFlags(addCommandFlags(program.command('ack')))
    .description('Say that you take care of an alert: nobody is reminded of it, at any broker, until it is over.')
    .argument('<alert>', 'its id, as "guaita alerts" shows it', alertOf)
    .option('--undo', 'give it back instead')
    .addHelpText(
      'after',
      `
Examples:
  guaita ack 5f0c1d2e3a4b5c6d --why "on my way"
  guaita ack 5f0c1d2e3a4b5c6d --undo --why "have to go home"

Exit codes: 0 done and on disk, 1 refused, 2 wrong usage, 3 nobody answered.`,
    )
    .action(async (alert: string, options: AckOptions) => {
      const payload = { alert, acknowledge: options.undo !== true, ...operatorOf(options) };
      const done = payload.acknowledge ? 'the alert is acknowledged' : 'nobody takes care of the alert now';
      exit(
        await giveCommands([{ channel: channels.acknowledgeAlert, payload, about: [alert] }], done, options, output),
      );
    });
}

function alertOf(text: string): string {
  if (AlertId.safeParse(text).success) return text;
  throw new InvalidArgumentError('It is no id of an alert: give the 16 hexadecimal digits that "guaita alerts" shows.');
}
