import { ConfigError, EXIT, VERSION } from '@guaita/service';
import { Command, CommanderError } from 'commander';
import { addAck } from './commands/ack.ts';
import { addAlerts } from './commands/alerts.ts';
import { addAntidote } from './commands/antidote.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDevices } from './commands/devices.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExport } from './commands/export.ts';
import { addHashPassword } from './commands/hash-password.ts';
import { addImport } from './commands/import-history.ts';
import { addMonitors } from './commands/monitors.ts';
import { addNotify } from './commands/notify.ts';
import { addServices } from './commands/services.ts';
import { addSilence } from './commands/silence.ts';
import { addStatus } from './commands/status.ts';
import { addToken } from './commands/token.ts';
import { addUp } from './commands/up.ts';
import { addWatch } from './commands/watch.ts';
import type { Output } from './output.ts';

/**
 * Runs the command line.
 *
 * @param args without the program's own name.
 * @param output where commands print what was asked of them; errors go to standard error.
 * @returns the exit code: 0 well, 1 failed, 2 wrong usage or configuration, 3 nobody there to ask, 4 done in part.
 */
export async function runProgram(args: readonly string[], output: Output): Promise<number> {
  let code: number = EXIT.ok;
  const exit = (given: number): void => {
    code = given;
  };
  const shell = { output, exit };
  const program = new Command('guaita')
    .description('Watch a network together with other monitors: many small lookouts, and no one of them matters.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  guaita up                                watch this host, its gateway and its resolvers
  guaita up --devices devices.yaml         watch your own devices
  guaita status                            who watches what, and what is wrong
  guaita watch --json | jq .               follow a broker
  guaita alerts                            what is amiss now
  guaita notify test phone                 whether you would be told of it
  guaita silence add --tag roof --for 2h   keep its alerts from being told
  guaita devices add 10.0.0.7 --name ap    watch one more device
  guaita services add http wiki --port 80  let others know of a service
  guaita token --role viewer --name ada    let somebody see the page
  guaita deploy init                       set up a site of several hosts in a Docker Swarm
  guaita devices check devices.yaml        say every mistake in an inventory
  guaita export --from 2026-11-01 --out nov.parquet   take history elsewhere
  guaita doctor                            what is missing here, and what to do

Exit codes: 0 well, 1 failed, 2 wrong usage or configuration, 3 nobody there to ask, 4 done in part.`,
    );
  for (const add of [
    addUp,
    addStatus,
    addWatch,
    addAlerts,
    addNotify,
    addSilence,
    addAck,
    addDevices,
    addMonitors,
    addServices,
    addExport,
    addImport,
    addDoctor,
    addDeploy,
    addAntidote,
    addHashPassword,
    addToken,
  ])
    add(program, shell);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said what is wrong, or the help that was asked for, already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
}
