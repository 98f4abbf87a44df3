import { Command, CommanderError } from 'commander';
import { ConfigError } from '@guaita/settings';
import { UnknownHostError } from '@guaita/site';
import { HostError } from './host-error.ts';
import { addMosquitto } from './mosquitto/command.ts';
import { MONITOR_VARIABLE } from './own-host.ts';

/** What somebody has to mend, whose message says how: no stack trace is of use. */
const MENDABLE = [HostError, ConfigError, UnknownHostError];

/** As of the services. */
const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/** Does what the arguments say. @returns the exit code. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  complain: (text: string) => void,
): Promise<number> {
  const program = new Command('host')
    .description('Writes the configuration of a program that runs beside the services of a host, from site.yaml')
    .addHelpText('after', `\nWhich host this is stands in the variable ${MONITOR_VARIABLE}.`)
    .exitOverride();
  addMosquitto(program, env[MONITOR_VARIABLE]);
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const isMendable = MENDABLE.some((kind) => error instanceof kind);
    if (error instanceof Error) complain(isMendable ? error.message : (error.stack ?? error.message));
    return isMendable ? EXIT.usage : EXIT.failure;
  }
}
