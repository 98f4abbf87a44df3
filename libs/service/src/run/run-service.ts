import { Command, CommanderError } from 'commander';
import type { BusFactory } from '../bus-factory.ts';
import { connectBus } from '../connect-bus.ts';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '@guaita/settings';
import { createLogger } from '../log/logger.ts';
import type { ServiceDefinition } from '../service.ts';
import { VERSION } from '../version.ts';
import { addCommonFlags, commonFlagValues } from './flags.ts';
import { startServices } from './start-services.ts';
import { EXIT, runUntilStopped } from './supervise.ts';

/**
 * The whole of a service's `main.ts`: reads flags, variables and file, starts the service and keeps it running until a
 * signal, then ends the process: 0 stopped as asked, 1 failed or hung, 2 wrong usage or configuration.
 */
export async function runService(definition: ServiceDefinition, makeBus: BusFactory = connectBus): Promise<never> {
  process.exit(await serviceExitCode(definition, makeBus));
}

async function serviceExitCode(definition: ServiceDefinition, makeBus: BusFactory): Promise<number> {
  const program = `guaita-${definition.name}`;
  const section = definition.name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  const command = addCommonFlags(new Command(program))
    .description(definition.description)
    .version(VERSION)
    .exitOverride()
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      `
Every field of guaita.yaml can be given as a variable too: mqtt.url is GUAITA_MQTT_URL, and a field of the section
"${definition.name}:" begins with GUAITA_${section}_. With _FILE behind its name it is read from that file.

Examples:
  ${program} --broker mqtt://127.0.0.1:1883
  ${program} --config /etc/guaita.yaml --data /var/lib/guaita
  GUAITA_MQTT_PASSWORD_FILE=/run/secrets/mqtt ${program} --broker mqtts://broker.lan:8883`,
    );
  try {
    command.parse();
    const options = command.opts<Record<string, string | undefined>>();
    const config = loadConfig({ definitions: [definition], file: options['config'], flags: commonFlagValues(options) });
    const log = createLogger(config.common.log, { secrets: config.secrets });
    return await runUntilStopped((signal) => startServices([definition], config, { log, makeBus }, signal), log);
  } catch (error) {
    // Commander has said what is wrong, or the help that was asked for, already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
}
