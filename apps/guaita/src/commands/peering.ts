import { readBrokerUrl, type BrokerProtocol } from '@guaita/bus';
import { normaliseId, type Id } from '@guaita/model';
import {
  ConfigError,
  connectBus,
  isLoopback,
  isWildcard,
  sectionOf,
  type Config,
  type FlagValue,
  type Problem,
} from '@guaita/service';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import type { Logger } from 'pino';
import { connectPeer, PeerPush, peersSection, type PeerAddress } from '../peers/index.ts';
import { brokerSection } from '../sections.ts';
import { bringsBroker, originOf, reachable } from './own-broker.ts';

/** As of the services' own connections. */
const KEEPALIVE_S = 30;

/** `--peer URL[,URL…]` as fields of the section `peers`: each peer is named by its host and port. */
export function peerFlags(text: string): FlagValue[] {
  const urls = text
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  return urls.map((url, index) => ({
    flag: urls.length === 1 ? '--peer' : `--peer (address ${index + 1})`,
    path: ['peers', nameOf(url) ?? `peer-${index + 1}`, 'url'],
    text: url,
  }));
}

function nameOf(url: string): Id | undefined {
  return URL.canParse(url) ? normaliseId(new URL(url).host) : undefined;
}

/**
 * `--site-key FILE`.
 *
 * @throws {ConfigError} when the file cannot be read.
 */
export function siteKeyFlag(file: string): FlagValue {
  try {
    return { flag: '--site-key', path: ['broker', 'site_key'], text: readFileSync(file, 'utf8').trim() };
  } catch (cause) {
    const origin = { kind: 'flag', flag: '--site-key' } as const;
    const mend = `make it once, head -c 24 /dev/urandom | base64 > ${file}, and copy it to all monitors of the site`;
    throw new ConfigError([{ origin, path: [], cause: `cannot read ${file}: ${(cause as Error).message}`, mend }], {
      cause,
    });
  }
}

/**
 * A monitor that is its own peer would hear itself as somebody else.
 *
 * @throws {ConfigError} when a peer's address is that of this monitor's own broker.
 */
export function refuseOwnBroker(config: Config): void {
  const { host } = sectionOf(config, brokerSection);
  const everywhere = bringsBroker(config) && isWildcard(host);
  const own = placeOf(reachable(config).mqtt.url, everywhere);
  const problems = Object.entries(sectionOf(config, peersSection)).flatMap(([name, { url }]): Problem[] => {
    const path = ['peers', name, 'url'];
    if (placeOf(url, everywhere) !== own) return [];
    const mend = 'name the brokers of the other monitors only';
    return [{ origin: originOf(config, path), path, cause: `${url} is this monitor’s own broker`, mend }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

/** A Unix socket has none. */
const PORTS: Readonly<Partial<Record<BrokerProtocol, number>>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

/** Host and port in one spelling, or the file of a Unix socket. @param everywhere any address of this host is the same place. */
function placeOf(text: string, everywhere: boolean): string {
  const { protocol, host, port = PORTS[protocol], path } = readBrokerUrl(text);
  if (port === undefined) return path;
  const name = host.toLowerCase();
  const here = isLoopback(name) || (everywhere && ownNames().has(name));
  return `${here ? 'this host' : name} ${port}`;
}

function ownNames(): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set([hostname().toLowerCase(), ...addresses.map(({ address }) => address)]);
}

/** What pushes this monitor's words to its peers' brokers; `undefined` when it has none. */
export function peerPush(config: Config, log: Logger): PeerPush | undefined {
  const { base, monitor, mqtt } = config.common;
  const peers = Object.entries(sectionOf(config, peersSection));
  if (peers.length === 0) return undefined;
  const { site_key } = sectionOf(config, brokerSection);
  // Who was given a user of its own there comes by that.
  const withSiteKey = (peer: PeerAddress): PeerAddress =>
    site_key === undefined || peer.username !== undefined ? peer : { ...peer, username: monitor, password: site_key };
  const clientId = `${base.replaceAll('/', '-')}-${monitor}-peers`;
  return new PeerPush({
    ...{ monitor, base, log },
    own: connectBus({ mqtt, clientId, keepalive_s: KEEPALIVE_S, log }),
    peers: new Map(
      peers.map(([name, peer]) => [
        name,
        connectPeer(name, withSiteKey(peer), clientId, (level, message) => log[level](`peer ${name}: ${message}`)),
      ]),
    ),
  });
}
