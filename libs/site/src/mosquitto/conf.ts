import { peersOf } from '../host.ts';
import type { Site, SiteHost } from '../site.ts';
import { lines, mosquittoBridge } from './bridge.ts';
import { peerUser } from './users.ts';

/** Where the files of a broker are. */
export interface MosquittoFiles {
  /** The Unix socket by which the services of its host reach it. */
  readonly socket: string;
  /** The folder in which it keeps its state. */
  readonly data: string;
  /** Everybody's name and the hash of his password. */
  readonly users: string;
  readonly acl: string;
  /** Of the site's authority, and of this host's certificate and its key, in PEM; without them nothing goes by TLS. */
  readonly tls?: { readonly authority: string; readonly certificate: string; readonly key: string };
}

/**
 * What may wait for one client that is away. The default of 1,000 messages is less than one full inventory, and Mosquitto
 * drops the newest, so a client that comes back would believe what is no longer true; a peer then sees by the digest in
 * the header that it has not all, and asks again. Observations wait for storage, for 15 minutes at most: of 1,000 devices
 * that three monitors ping and one polls each minute, 60,000. They are 700 bytes each, and kept once, however many clients
 * they wait for: so the bytes bound the broker's memory on a small host, and the number what is cheap to keep.
 */
const QUEUED_MESSAGES = 100_000;
const QUEUED_bytes = 96 * 1024 * 1024;

/** No payload of ours comes near this; it bounds what a mad client can make the broker keep. */
const PACKET_bytes = 1024 * 1024;

/**
 * The configuration of one host's broker: a Unix socket for the host's services, one port for everybody else, and a bridge
 * to each other host's broker. Everybody needs a user.
 *
 * @param password that of this host's own user at its peers' brokers; needed where there are peers.
 * @throws {RangeError} when there are peers, and no password or no certificates for them.
 */
export function mosquittoConf(site: Site, host: SiteHost, files: MosquittoFiles, password?: string): string {
  const { socket, data, users, acl, tls } = files;
  const common = lines(
    `# The broker of ${host.id}, made of site.yaml at each start: changes here are lost.`,
    '',
    'allow_anonymous false',
    `password_file ${users}`,
    `acl_file ${acl}`,
    '',
    '# State is in retained topics: it must survive a restart.',
    'persistence true',
    `persistence_location ${data}/`,
    'autosave_interval 60',
    '',
    '# What waits for clients that are away is bounded: each by number and by bytes, and nobody is waited for longer than a day.',
    `max_queued_messages ${QUEUED_MESSAGES}`,
    `max_queued_bytes ${QUEUED_bytes}`,
    'persistent_client_expiration 1d',
    `max_packet_size ${PACKET_bytes}`,
    '',
    '# Not to the standard output, which Mosquitto lets wait until there is much of it.',
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    'log_type notice',
    '',
    '# The services of this host.',
    `listener 0 ${socket}`,
    '',
    tls === undefined ? '# Who listens on this host.' : '# Peers, and who listens from elsewhere.',
    `listener ${site.ports.mqtt}`,
    ...(tls === undefined ? [] : [`certfile ${tls.certificate}`, `keyfile ${tls.key}`]),
  );
  const bridges = peersOf(site, host).map((peer) => {
    if (tls === undefined || password === undefined) {
      throw new RangeError(`${host.id} has peers, and no ${tls === undefined ? 'certificate' : 'password'} for them`);
    }
    return mosquittoBridge({
      ...{ self: host.id, peer: peer.id, address: peer.address, port: site.ports.mqtt, authority: tls.authority },
      user: { name: peerUser(host.id), password },
    });
  });
  return [common, ...bridges].join('\n');
}
