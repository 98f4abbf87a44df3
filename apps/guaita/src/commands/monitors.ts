import { channels } from '@guaita/messages';
import type { Command } from 'commander';
import { addCommandFlags, giveCommands, type CommandOptions } from './give-command.ts';
import type { Shell } from './shell.ts';

/** Adds `guaita monitors drain|undrain|forget`. */
export function addMonitors(program: Command, { output, exit }: Shell): void {
  const monitors = program
    .command('monitors')
    .description('Let monitors hand over, take devices again, or be forgotten.');

  addCommandFlags(monitors.command('drain'))
    .description('Let a monitor hand over all it watches; it goes on until others watch it. For a planned stop.')
    .argument('<monitor>', 'its id')
    .addHelpText('after', '\nExample:\n  guaita monitors drain pi-2 && guaita status')
    .action(async (monitor: string, options: CommandOptions) => {
      const order = { channel: channels.drainMonitor, payload: { monitor, drain: true }, about: [monitor] };
      exit(await giveCommands([order], `${monitor} hands over what it watches`, options, output));
    });

  addCommandFlags(monitors.command('undrain'))
    .description('Let a drained monitor take devices again.')
    .argument('<monitor>', 'its id')
    .addHelpText('after', '\nExample:\n  guaita monitors undrain pi-2')
    .action(async (monitor: string, options: CommandOptions) => {
      const order = { channel: channels.drainMonitor, payload: { monitor, drain: false }, about: [monitor] };
      exit(await giveCommands([order], `${monitor} takes devices again`, options, output));
    });

  addCommandFlags(monitors.command('forget'))
    .description('Purge all that a dead monitor left, its inventory files too. One that comes back is a new monitor.')
    .argument('<monitor>', 'its id')
    .addHelpText('after', '\nExample:\n  guaita monitors forget old-pi')
    .action(async (monitor: string, options: CommandOptions) => {
      const order = { channel: channels.forgetMonitor, payload: { monitor }, about: [monitor] };
      exit(await giveCommands([order], `${monitor} is forgotten`, options, output));
    });
}
