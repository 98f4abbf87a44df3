import { setTimeout as pause } from 'node:timers/promises';
import { mosquittoBridge } from '@guaita/site';
import { startMosquitto, type Mosquitto } from './mosquitto.ts';
import { freePort } from './ports.ts';

/** A bridge that finds no broker tries again after 1 to 10 s. */
const PATIENCE_ms = 60_000;

const POLL_ms = 20;

export interface BridgedOptions {
  /** Further lines of each `mosquitto.conf`; without them anonymous clients may do anything. */
  readonly config?: string;
  /** By which each monitor's bridges come in, as a user of its name, where anonymous clients may not. */
  readonly password?: string;
}

/**
 * Starts a Mosquitto for each monitor, bridged as we advise it: each pushes its own monitor's subtree to all others.
 * `stop` each when done.
 */
export async function startBridgedMosquittos(
  monitors: readonly string[],
  { config = 'allow_anonymous true', password }: BridgedOptions = {},
): Promise<Map<string, Mosquitto>> {
  const ports = new Map<string, number>();
  for (const monitor of monitors) ports.set(monitor, await freePort());
  const brokers = new Map<string, Mosquitto>();
  try {
    for (const self of monitors) {
      const user = password === undefined ? {} : { user: { name: self, password } };
      const bridges = monitors
        .filter((peer) => peer !== self)
        .map((peer) => mosquittoBridge({ self, peer, address: '127.0.0.1', port: ports.get(peer) ?? 0, ...user }));
      const port = ports.get(self) ?? 0;
      brokers.set(self, await startMosquitto({ port, config: [config, ...bridges].join('\n'), persistence: true }));
    }
    await bridgesConnected(brokers);
  } catch (error) {
    for (const broker of brokers.values()) await broker.stop();
    throw error;
  }
  return brokers;
}

/**
 * Waits until every bridge is there: what is said before comes over it later, and looks as if it were said then.
 *
 * @throws {Error} when one has not come within a minute.
 */
export async function bridgesConnected(brokers: ReadonlyMap<string, Pick<Mosquitto, 'log'>>): Promise<void> {
  const deadline = performance.now() + PATIENCE_ms;
  for (const [self, broker] of brokers) {
    for (const peer of brokers.keys()) {
      while (peer !== self && !broker.log.includes(` as ${peer}-to-${self} `)) {
        if (performance.now() > deadline) throw new Error(`the bridge ${peer}-to-${self} does not connect`);
        await pause(POLL_ms);
      }
    }
  }
}
