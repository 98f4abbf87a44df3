import {
  addCommonFlags,
  commonFlagValues,
  loadConfig,
  runUntilStopped,
  sectionOf,
  startServices,
  VERSION,
  type Config,
  type FlagValue,
  type Stoppable,
} from '@guaita/service';
import { assign, configuredFiles, type ConfiguredFile } from '@guaita/assign';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Output } from '../output.ts';
import { sections, services } from '../sections.ts';
import { bringsBroker, isDefault, ownBroker } from './own-broker.ts';
import { LiveView } from './live-view.ts';
import { logBesideView } from './reader.ts';
import type { Shell } from './shell.ts';
import { stopMonitor } from './stop-monitor.ts';

/** What `npm start` watches when it is told of nothing else: this host, its gateway, its resolvers. */
const EXAMPLE = fileURLToPath(new URL('../../../../examples/devices.yaml', import.meta.url));

interface UpOptions extends Record<string, unknown> {
  readonly config?: string;
  readonly devices?: string;
  readonly mqttPort?: string;
  readonly json?: boolean;
}

/** Adds `guaita up`: every service, and a broker unless one is named, in one process. */
export function addUp(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('up'))
    .description('Run a whole monitor: every service, and a broker unless one is named.')
    .option(
      '--devices <FILE>',
      'the inventory (default: devices.yaml; without it this host, its gateway and its resolvers)',
    )
    .option('--mqtt-port <N>', 'the port of the embedded broker; 0: any (default: 1883)')
    .option('--json', 'one JSON object a line instead of lines for people')
    .addHelpText(
      'after',
      `
Without --broker (and without mqtt.url in guaita.yaml) it brings its own broker: MQTT 5 on 127.0.0.1, its state kept in
the data folder. To let others in, give broker.host and broker.users in guaita.yaml.

Examples:
  guaita up
  guaita up --devices devices.yaml --site home --data /var/lib/guaita
  guaita up --broker mqtt://127.0.0.1:1883 --json`,
    )
    .action(async (options: UpOptions) => {
      exit(await up(options, output));
    });
}

/** The configuration of `guaita up`: the example inventory where no other is named and no devices.yaml is here. */
export function loadUpConfig(options: UpOptions): Config {
  const flags: FlagValue[] = [...commonFlagValues(options)];
  const { config: file, devices, mqttPort } = options;
  if (devices !== undefined) flags.push({ flag: '--devices', path: ['assign', 'devices'], text: devices });
  if (mqttPort !== undefined) flags.push({ flag: '--mqtt-port', path: ['broker', 'port'], text: mqttPort });
  const config = loadConfig({ definitions: sections, file, flags });
  if (!isDefault(config, 'assign', 'devices') || inventoryOf(config).every((each) => existsSync(each.file)))
    return config;
  const example: FlagValue = { flag: '--devices', path: ['assign', 'devices'], text: EXAMPLE };
  return loadConfig({ definitions: sections, file, flags: [...flags, example] });
}

/** The inventory's files. */
export function inventoryOf(config: Config): ConfiguredFile[] {
  return configuredFiles(sectionOf(config, assign));
}

async function up(options: UpOptions, output: Output): Promise<number> {
  const config = loadUpConfig(options);
  const { json = false } = options;
  const log = logBesideView(config);
  return runUntilStopped((signal) => startMonitor(config, json, output, log, signal), log);
}

/** Starts broker, services and live view; what was started is stopped again when one fails. */
async function startMonitor(
  config: Config,
  json: boolean,
  output: Output,
  log: Logger,
  signal: AbortSignal,
): Promise<Stoppable> {
  const own = bringsBroker(config) ? ownBroker(config, log) : undefined;
  const running: { stop(): Promise<unknown> }[] = [];
  const stop = (): Promise<void> => stopMonitor(running.splice(0), own?.broker);
  try {
    await own?.broker.start(signal);
    const mqtt = own === undefined ? config.common.mqtt : { ...own.mqtt, url: own.broker.url };
    const common = { ...config.common, mqtt };
    const ready: Config = { ...config, common };
    const started = await startServices(services, ready, { log }, signal);
    running.push(started);
    if (!json) for (const line of greeting(ready, started.httpPort, own !== undefined)) output.print(line);

    const view = new LiveView({ common, purpose: 'live', json, output, log, self: common.monitor });
    running.push(view);
    await view.start(signal);
    return { stop, done: output.closed };
  } catch (error) {
    await stop().catch((failure: unknown) => log.error({ err: failure }, 'could not release everything'));
    throw error;
  }
}

/** A file below the working folder by its short name. */
function relativeWhereBelow(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}

/** What a newcomer wants to know first. */
function greeting(config: Config, httpPort: number, embedded: boolean): string[] {
  const { common } = config;
  const files = inventoryOf(config).map(({ file }) => relativeWhereBelow(file));
  return [
    `Guaita ${VERSION}: monitor ${common.monitor} of site ${common.site} watches ${files.join(', ')}`,
    `  MQTT 5 ${embedded ? 'broker' : 'by'} ${common.mqtt.url}   (mosquitto_sub -V 5 -v -t '${common.base}/#')`,
    `  metrics   http://${common.http.host}:${httpPort}/metrics`,
    '  Ctrl-C stops it.',
    '',
  ];
}
