import { connectDataCentres, DataCentreKeeper } from '@guaita/assign';
import { createLogger, EXIT, runUntilStopped } from '@guaita/service';
import type { Command } from 'commander';
import type { Shell } from './shell.ts';

/** Adds `guaita antidote connect`. */
export function addAntidote(program: Command, { output, exit }: Shell): void {
  program
    .command('antidote')
    .description('Set up AntidoteDB, which carries state between sites.')
    .command('connect')
    .description('Make data centres of AntidoteDB servers, connect them with each other, and say that they are ours.')
    .argument('<addresses...>', 'host:port of one server of each site: of all of them, also of those connected already')
    .option(
      '--keep',
      'stay: connect those that are there, and again whoever comes, comes back, or is not heard any more',
    )
    .addHelpText(
      'after',
      `
It may be run as often as one likes. No monitor believes an AntidoteDB before this has been done. AntidoteDB has no
authentication: it must be reachable from nowhere but a network of your own, such as a WireGuard one.

With --keep a name may stand for several servers (tasks.antidote:8087), and each change is a line of its log. A monitor with
assign.antidote.own_host does the same for the server of its own host.

Examples:
  guaita antidote connect 10.8.0.1:8087 10.8.0.2:8087 10.8.0.3:8087
  guaita antidote connect --keep 10.8.0.1:8087 10.8.0.2:8087 10.8.0.3:8087

Exit code 0 when all is connected, or when it was told to stop; 1 when it is not.`,
    )
    .action(async (addresses: string[], { keep = false }: { keep?: boolean }) => {
      if (keep) return exit(await keepConnected(addresses));
      try {
        await connectDataCentres(addresses, { progress: (what) => output.print(what) });
      } catch (error) {
        process.stderr.write(
          `${error instanceof Error ? error.message : String(error)}\nRun this again when that is mended.\n`,
        );
        exit(EXIT.failure);
      }
    });
}

async function keepConnected(addresses: readonly string[]): Promise<number> {
  const log = createLogger({ level: 'info', format: 'auto' });
  return runUntilStopped(async () => {
    const keeper = new DataCentreKeeper({ addresses, log });
    keeper.start();
    return keeper;
  }, log);
}
