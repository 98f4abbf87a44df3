import {
  addCommonFlags,
  commonFlagValues,
  createLogger,
  loadConfig,
  runUntilStopped,
  sectionOf,
  startServices,
  StopError,
  systemClock,
  VERSION,
  type CommonConfig,
  type Config,
  type FlagValue,
} from '@guaita/service';
import { assign, configuredFiles, type ConfiguredFile } from '@guaita/assign';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { EmbeddedBroker, hashPassword, isLoopback, isWildcard } from '../broker/index.ts';
import { Follower } from '../live/follow.ts';
import { sections, services, type BrokerConfig } from '../sections.ts';
import { readerWire } from './reader.ts';

/** What `npm start` watches when it is told of nothing else: this host, its gateway, its resolvers. */
const EXAMPLE = fileURLToPath(new URL('../../../../examples/devices.yaml', import.meta.url));

interface UpOptions extends Record<string, unknown> {
  readonly config?: string;
  readonly devices?: string;
  readonly mqttPort?: string;
  readonly json?: boolean;
}

/** Adds `guaita up`: every service, and a broker unless one is named, in one process. */
export function addUp(program: Command, exit: (code: number) => void): void {
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
      exit(await up(options));
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

/** Tells whether a field was left at its default. */
export function isDefault(config: Config, ...path: readonly string[]): boolean {
  const entry = config.entries.find((each) => path.every((key, index) => each.path[index] === key));
  return entry === undefined || entry.origin.kind === 'default';
}

async function up(options: UpOptions): Promise<number> {
  const config = loadUpConfig(options);
  const { json = false } = options;
  // The live lines are what a person reads; the services' own log speaks up when something is wrong.
  const level = isDefault(config, 'log', 'level') ? 'warn' : config.common.log.level;
  const log = createLogger({ ...config.common.log, level }, { output: process.stderr, secrets: config.secrets });
  return runUntilStopped((signal) => startMonitor(config, json, log, signal), log);
}

/** Starts broker, services and live view; what was started is stopped again when one fails. */
async function startMonitor(
  config: Config,
  json: boolean,
  log: Logger,
  signal: AbortSignal,
): Promise<{ stop(): Promise<void> }> {
  const running: { stop(): Promise<unknown> }[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const part of running.splice(0).reverse()) {
      await part.stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new StopError(failures);
  };
  try {
    const { mqtt: reach, broker } = await withBroker(config, log);
    if (broker !== undefined) {
      running.push(broker);
      await broker.start(signal);
    }
    const { common } = config;
    const mqtt = broker === undefined ? reach : { ...reach, url: broker.url };
    const ready: Config = { ...config, common: { ...common, mqtt } };
    const started = await startServices(services, ready, { log }, signal);
    running.push(started);
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    if (!json) for (const line of greeting(ready, started.httpPort, broker !== undefined)) print(line);

    const wire = readerWire(ready.common, 'live', log, Math.random);
    running.push(wire.bus);
    await wire.bus.start(signal);
    const render = { colour: process.stdout.isTTY, self: common.monitor };
    const follower = new Follower(wire, { clock: systemClock, json, print, render });
    running.push(follower);
    await follower.start();
    return { stop };
  } catch (error) {
    await stop().catch((failure: unknown) => log.error({ err: failure }, 'could not release everything'));
    throw error;
  }
}

/**
 * The embedded broker, unless another is named. On loopback our own services come in anonymously, as every client of
 * this host may; where it listens on one other address only, they get a user of their own, made anew at each start.
 */
async function withBroker(
  config: Config,
  log: Logger,
): Promise<{ mqtt: CommonConfig['mqtt']; broker: EmbeddedBroker | undefined }> {
  const { common, sections: all } = config;
  if (!isDefault(config, 'mqtt', 'url')) return { mqtt: common.mqtt, broker: undefined };
  const { host, port, users } = all['broker'] as BrokerConfig;
  const known = Object.entries(users).map(([name, { password_hash, read, write }]) => ({
    name,
    passwordHash: password_hash,
    read,
    write,
  }));
  const options = { host, port, dataDir: join(common.data, 'broker'), log };
  if (isLoopback(host) || isWildcard(host)) {
    return { mqtt: common.mqtt, broker: new EmbeddedBroker({ ...options, users: known }) };
  }
  const own = { username: 'guaita-services', password: randomBytes(24).toString('base64url') };
  const services = { name: own.username, passwordHash: await hashPassword(own.password), read: ['#'], write: ['#'] };
  const broker = new EmbeddedBroker({ ...options, users: [...known, services] });
  return { mqtt: { ...common.mqtt, ...own }, broker };
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
