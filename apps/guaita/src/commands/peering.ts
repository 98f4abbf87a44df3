import { normaliseId, type Id } from '@guaita/model';
import { connectBus, sectionOf, type Config, type FlagValue } from '@guaita/service';
import type { Logger } from 'pino';
import { connectPeer, PeerPush, peersSection } from '../peers/index.ts';

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

/** What pushes this monitor's words to its peers' brokers; `undefined` when it has none. */
export function peerPush(config: Config, log: Logger): PeerPush | undefined {
  const { base, monitor, mqtt } = config.common;
  const peers = Object.entries(sectionOf(config, peersSection));
  if (peers.length === 0) return undefined;
  const clientId = `${base.replaceAll('/', '-')}-${monitor}-peers`;
  return new PeerPush({
    ...{ monitor, base, log },
    own: connectBus({ mqtt, clientId, keepalive_s: KEEPALIVE_S, log }),
    peers: new Map(
      peers.map(([name, peer]) => [
        name,
        connectPeer(name, peer, clientId, (level, message) => log[level](`peer ${name}: ${message}`)),
      ]),
    ),
  });
}
