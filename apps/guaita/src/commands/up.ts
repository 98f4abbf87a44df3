import {
  addCommonFlags,
  commonFlagValues,
  isWildcard,
  loadConfig,
  runUntilStopped,
  sectionOf,
  startServices,
  VERSION,
  type Config,
  type FlagValue,
  type Stoppable,
} from '@guaita/service';
import { assign, configuredFiles, DEFAULT_CAPACITY, type ConfiguredFile } from '@guaita/assign';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Output } from '../output.ts';
import { sections, services } from '../sections.ts';
import { bringsBroker, isDefault, ownBroker, refuseOpenBroker } from './own-broker.ts';
import { LiveView } from './live-view.ts';
import { logBesideView } from './reader.ts';
import type { Shell } from './shell.ts';
import { peerFlags, peerPush, refuseOwnBroker, siteKeyFlag } from './peering.ts';
import { stopInTurn, stopMonitor } from './stop-monitor.ts';

/**
 * What `npm start` watches when it is told of nothing else: this host, its gateway, its resolvers. It stands beside a bundle
 * of this program, else where the sources have it.
 */
const EXAMPLE = (() => {
  const [bundled = '', source = ''] = ['examples/devices.yaml', '../../../../examples/devices.yaml'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return existsSync(bundled) ? bundled : source;
})();

interface UpOptions extends Record<string, unknown> {
  readonly config?: string;
  readonly peer?: string;
  readonly siteKey?: string;
  readonly json?: boolean;
}

/** The flags of a monitor beside those of every program, and what each sets. */
const FLAGS = [
  { flag: '--devices', option: 'devices', path: ['assign', 'devices'] },
  { flag: '--listen', option: 'listen', path: ['broker', 'host'] },
  { flag: '--mqtt-port', option: 'mqttPort', path: ['broker', 'port'] },
  { flag: '--antidote', option: 'antidote', path: ['assign', 'antidote', 'addresses'] },
  { flag: '--monitors-per-device', option: 'monitorsPerDevice', path: ['assign', 'policy', 'monitors_per_device'] },
  { flag: '--policy', option: 'policy', path: ['assign', 'policy', 'mode'] },
  { flag: '--serf', option: 'serf', path: ['serf-publisher', 'serf', 'agent'] },
  { flag: '--capacity', option: 'capacity', path: ['assign', 'capacity'] },
] as const;

/** Adds `guaita up`: every service, and a broker unless one is named, in one process. */
export function addUp(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('up'))
    .description('Run a whole monitor: every service, and a broker unless one is named.')
    .option(
      '--devices <FILE>',
      'the inventory (default: devices.yaml; without it this host, its gateway and its resolvers)',
    )
    .option('--mqtt-port <N>', 'the port of the embedded broker; 0: any (default: 1883)')
    .option('--listen <HOST>', 'where the embedded broker listens; beyond this host a site key or users are needed')
    .option(
      '--site-key <FILE>',
      'the secret that all monitors of a site share, by which they reach each other’s brokers',
    )
    .option('--peer <URL,…>', 'brokers of the other monitors of this site, to which this one pushes what it says')
    .option('--antidote <HOST:PORT,…>', 'AntidoteDB servers, for state between sites; the next when one fails')
    .option(
      '--serf <HOST:PORT>',
      'the RPC of this host’s Serf agent, to tell other nodes of services and hear of theirs',
    )
    .option('--monitors-per-device <K>', 'how many monitors watch each device (default: 3)')
    .option('--policy <MODE>', 'spread the devices over all monitors, or pack them on few (default: spread)')
    .option('--capacity <N>', `how many devices this monitor can watch (default: ${DEFAULT_CAPACITY})`)
    .option('--json', 'one JSON object a line instead of lines for people')
    .addHelpText(
      'after',
      `
Without --broker (and without mqtt.url in guaita.yaml) it brings its own broker: MQTT 5 on 127.0.0.1, its state kept in
the data folder. To let other programs in, give --listen, and broker.users in guaita.yaml.

With --peer several monitors form a site: each pushes what it says to the brokers of the others, and they share the
devices among them. Give each the addresses of all others, and the same --site-key, --monitors-per-device and --policy.

Services are announced by "guaita services add", with or without Serf. With --serf all nodes of a community network see them,
and theirs are seen here. Where the agent wants a key, GUAITA_SERF_PUBLISHER_SERF_KEY_FILE names a file with it.

Examples:
  guaita up
  guaita up --devices devices.yaml --site home --data /var/lib/guaita
  guaita up --broker mqtt://127.0.0.1:1883 --json
  head -c 24 /dev/urandom | base64 > site.key    (once; then copied to all monitors of the site)
  guaita up --listen 0.0.0.0 --site-key site.key --peer mqtt://pi-2.lan:1883,mqtt://pi-3.lan:1883
  GUAITA_SERF_PUBLISHER_SERF_KEY_FILE=serf.key guaita up --serf 127.0.0.1:7373
  guaita up --antidote 10.8.0.1:8087,10.8.0.2:8087 --site attic`,
    )
    .action(async (options: UpOptions) => {
      exit(await up(options, output));
    });
}

/** The configuration of `guaita up`: the example inventory where no other is named and no devices.yaml is here. */
export function loadUpConfig(options: UpOptions): Config {
  const { config: file, peer, siteKey } = options;
  const flags: FlagValue[] = [
    ...commonFlagValues(options),
    ...FLAGS.flatMap(({ flag, option, path }) => {
      const text = options[option];
      return typeof text === 'string' ? [{ flag, path, text }] : [];
    }),
    ...(peer === undefined ? [] : peerFlags(peer)),
    ...(siteKey === undefined ? [] : [siteKeyFlag(siteKey)]),
  ];
  const config = loadConfig({ definitions: sections, file, flags });
  refuseOpenBroker(config);
  refuseOwnBroker(config);
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
    // The services say goodbye before what carries it to their peers ends.
    const speaking: { stop(): Promise<unknown> }[] = [];
    running.push({ stop: () => stopInTurn(speaking.splice(0).reverse()) });
    const push = peerPush(ready, log);
    if (push !== undefined) speaking.push(push);
    await push?.start(signal);
    const started = await startServices(services, ready, { log }, signal);
    speaking.push(started);
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
  const { host: listens } = common.http;
  const host = isWildcard(listens) ? '127.0.0.1' : listens.includes(':') ? `[${listens}]` : listens;
  const web = `${common.http.cert_file === undefined ? 'http' : 'https'}://${host}:${httpPort}`;
  const files = inventoryOf(config).map(({ file }) => relativeWhereBelow(file));
  return [
    `Guaita ${VERSION}: monitor ${common.monitor} of site ${common.site} watches ${files.join(', ')}`,
    `  MQTT 5 ${embedded ? 'broker' : 'by'} ${common.mqtt.url}   (mosquitto_sub -V 5 -v -t '${common.base}/#')`,
    `  page      ${web}/`,
    `  metrics   ${web}/metrics`,
    '  Ctrl-C stops it.',
    '',
  ];
}
