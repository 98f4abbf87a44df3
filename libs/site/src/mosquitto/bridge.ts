import { DEFAULT_BASE } from '@guaita/messages';
import type { Id } from '@guaita/model';

/** How one monitor's broker reaches that of a peer. */
export interface Bridge {
  readonly self: Id;
  readonly peer: Id;
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** By whom it comes in there; anonymously when there is none. */
  readonly user?: { readonly name: string; readonly password: string };
  /** File of the authority by which it believes the peer's certificate, which has to be for that address; else no TLS. */
  readonly authority?: string;
}

/**
 * The lines of a `mosquitto.conf` that push one monitor's own subtree, and nothing else, to a peer: so nothing can go in
 * circles, and the peer's user needs to write there and to read nothing.
 */
export function mosquittoBridge({ self, peer, address, port, user, authority }: Bridge): string {
  const own = `${DEFAULT_BASE}/monitor/${self}/`;
  return lines(
    `connection ${self}-to-${peer}`,
    `address ${address}:${port}`,
    `topic # out 1 ${own} ${own}`,
    `local_clientid ${self}-to-${peer}-local`,
    `remote_clientid ${self}-to-${peer}`,
    ...(user === undefined ? [] : [`remote_username ${user.name}`, `remote_password ${user.password}`]),
    ...(authority === undefined ? [] : [`bridge_cafile ${authority}`, 'bridge_insecure false']),
    '# By MQTT 5, or messages would lose their expiry on the way.',
    'bridge_protocol_version mqttv50',
    '# What is said while the peer is away waits for it; what has no room is asked for again.',
    'cleansession false',
    '# Its own topics below $SYS are of no use there.',
    'notifications false',
    '# Nobody waits for a peer for longer than that once it is back.',
    'restart_timeout 1 10',
    'keepalive_interval 10',
  );
}

/** Lines of a configuration file, each with its end. */
export function lines(...each: readonly string[]): string {
  return each.map((line) => `${line}\n`).join('');
}
