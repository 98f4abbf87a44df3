import {
  ConfigError,
  isLoopback,
  isWildcard,
  sectionOf,
  type CommonConfig,
  type Config,
  type Origin,
} from '@guaita/service';
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { EmbeddedBroker, type BrokerUser } from '../broker/index.ts';
import { brokerSection, OWN_USER } from '../sections.ts';

/** Nobody guesses 192 random bits; made anew at each start. */
const TOKEN_bytes = 24;

/** A broker of this process, and how its own services reach it; the port is known once it listens. */
export interface OwnBroker {
  readonly broker: EmbeddedBroker;
  readonly mqtt: CommonConfig['mqtt'];
}

/** Tells whether `guaita up` brings its own broker: no other is named by flag, variable or file. */
export function bringsBroker(config: Config): boolean {
  return isDefault(config, 'mqtt', 'url');
}

/**
 * As the broker itself would, but before anything is started.
 *
 * @throws {ConfigError} when the broker would listen beyond this host and let anybody in.
 */
export function refuseOpenBroker(config: Config): void {
  const { host, users, site_key, anonymous = true } = sectionOf(config, brokerSection);
  const guarded = site_key !== undefined || Object.keys(users).length > 0 || !anonymous;
  if (!bringsBroker(config) || isLoopback(host) || guarded) return;
  const path = ['broker', 'host'];
  throw new ConfigError([
    {
      path,
      origin: originOf(config, path),
      cause: `the broker may not listen on ${host} without users: anybody there could command this monitor`,
      mend: 'give it a site key (--site-key FILE) or users (broker.users), or leave it on 127.0.0.1',
    },
  ]);
}

/**
 * Makes the broker that `guaita up` brings. Where it has users or a site key, or takes nobody without a name, our own
 * services get a user too.
 */
export function ownBroker(config: Config, log: Logger): OwnBroker {
  const { common } = config;
  const { host, port, users, site_key, anonymous = Object.keys(users).length === 0 } = sectionOf(config, brokerSection);
  const { username, password, ...reach } = common.mqtt;
  if (username !== undefined || password !== undefined) {
    log.warn('mqtt.username and mqtt.password are for a broker that mqtt.url or --broker names: not used for our own');
  }
  const known = Object.entries(users).map(([name, { password_hash, read, write }]): BrokerUser => {
    return { name, passwordHash: password_hash, read, write };
  });
  const site = site_key === undefined ? undefined : { key: site_key, base: common.base, self: common.monitor };
  const options = { host, port, anonymous, site, data: common.data, monitor: common.monitor, log };
  if (known.length === 0 && anonymous && site === undefined)
    return { broker: new EmbeddedBroker(options), mqtt: reach };
  const token = randomBytes(TOKEN_bytes).toString('base64url');
  const own: BrokerUser = { name: OWN_USER, token, read: ['#'], write: ['#'] };
  const broker = new EmbeddedBroker({ ...options, users: [...known, own] });
  return { broker, mqtt: { ...reach, username: OWN_USER, password: token } };
}

/**
 * The configuration as a client on this host needs it: where no broker is named, the one that `guaita up` brings with
 * the same configuration.
 */
export function reachable(config: Config): CommonConfig {
  const { common } = config;
  if (!bringsBroker(config)) return common;
  const { host, port } = sectionOf(config, brokerSection);
  const name = isWildcard(host) ? '127.0.0.1' : host;
  return { ...common, mqtt: { ...common.mqtt, url: `mqtt://${name.includes(':') ? `[${name}]` : name}:${port}` } };
}

/** Where the value of a field comes from. */
export function originOf(config: Config, path: readonly string[]): Origin {
  const entry = config.entries.find((each) => path.every((key, index) => each.path[index] === key));
  return entry?.origin ?? { kind: 'default' };
}

/** Tells whether a field was left at its default. */
export function isDefault(config: Config, ...path: readonly string[]): boolean {
  return originOf(config, path).kind === 'default';
}
