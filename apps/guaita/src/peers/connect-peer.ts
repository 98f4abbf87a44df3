import { readFileSync } from 'node:fs';
import { BusError, MqttBus, type BusLog } from '@guaita/bus';
import type { PeerAddress } from './config.ts';

/** A frozen peer is found out after one and a half of it, and the memory that waits for it is freed. */
const KEEPALIVE_s = 10;

/**
 * State is 512 buckets and a few services. The rest is room for measurements while a peer is slow to read, the oldest
 * of which give way: some 20 MB at most.
 */
const OUTBOX_LIMIT = 20_000;

/**
 * Makes the connection to a peer's broker, for `PeerPush`.
 *
 * @param name the peer's in the configuration.
 * @param clientId differs from that of everybody else there.
 * @throws {BusError} when its `ca_file` cannot be read.
 */
export function connectPeer(name: string, peer: PeerAddress, clientId: string, log: BusLog): MqttBus {
  const { url, username, password, ca_file } = peer;
  return new MqttBus({
    ...{ url, clientId, keepalive_s: KEEPALIVE_s, outboxLimit: OUTBOX_LIMIT, log: withoutRepeats(log) },
    // What a peer lacks it is given anew, from what this host's broker retains.
    ...{ stateLimit: 0, patient: true },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca_file === undefined ? {} : { tls: { ca: readAuthority(name, ca_file) } }),
  });
}

/** A peer that is away for a day is worth one line, not one for each of some 6,000 tries. */
function withoutRepeats(log: BusLog): BusLog {
  let last: string | undefined;
  return (level, message) => {
    if (message !== last) log(level, message);
    last = message;
  };
}

function readAuthority(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const mend = 'name the PEM file of the authority that signed the certificate of the peer’s broker';
    throw new BusError(`cannot read peers.${name}.ca_file ${file}: ${reason}; ${mend}`, { cause });
  }
}
