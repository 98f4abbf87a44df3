import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Command } from 'commander';
import { addCommandFlags, giveCommands, type CommandOptions } from './give-command.ts';
import { idOf } from './ids.ts';
import type { Shell } from './shell.ts';

interface ForgetOptions extends CommandOptions {
  readonly withDevices?: boolean;
}

/** Adds `guaita monitors drain|undrain|forget`. */
export function addMonitors(program: Command, { output, exit }: Shell): void {
  const monitors = program
    .command('monitors')
    .description('Let monitors hand over, take devices again, or be forgotten.');

  addCommandFlags(monitors.command('drain'))
    .description('Let a monitor hand over all it watches; it goes on until others watch it. For a planned stop.')
    .argument('<monitor>', 'its id', idOf)
    .addHelpText('after', '\nExample:\n  guaita monitors drain pi-2 && guaita status')
    .action(async (monitor: Id, options: CommandOptions) => {
      const order = { channel: channels.drainMonitor, payload: { monitor, drain: true }, about: [monitor] };
      exit(await giveCommands([order], `${monitor} hands over what it watches`, options, output));
    });

  addCommandFlags(monitors.command('undrain'))
    .description('Let a drained monitor take devices again.')
    .argument('<monitor>', 'its id', idOf)
    .addHelpText('after', '\nExample:\n  guaita monitors undrain pi-2')
    .action(async (monitor: Id, options: CommandOptions) => {
      const order = { channel: channels.drainMonitor, payload: { monitor, drain: false }, about: [monitor] };
      exit(await giveCommands([order], `${monitor} takes devices again`, options, output));
    });

  addCommandFlags(monitors.command('forget'))
    .description('Purge all that a dead monitor left, its inventory files too. One that comes back is a new monitor.')
    .argument('<monitor>', 'its id', idOf)
    .option('--with-devices', 'also where devices stand in its inventory files alone: they go with it')
    .addHelpText(
      'after',
      `
Devices that stand in its inventory files and nowhere else would go with it, so it is refused while there are any. Put the
files at another monitor first (assign.devices, --devices), or say --with-devices to lose them.

Examples:
  guaita monitors forget old-pi
  guaita monitors forget old-pi --with-devices`,
    )
    .action(async (monitor: Id, options: ForgetOptions) => {
      const payload = { monitor, with_devices: options.withDevices ?? false };
      const order = { channel: channels.forgetMonitor, payload, about: [monitor] };
      exit(await giveCommands([order], `${monitor} is forgotten`, options, output));
    });
}
