import { startNamespace, tied, type Namespace } from '@guaita/lab';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { GuaitaProcess } from './guaita-process.ts';
import { inFewWords, Listener } from './listener.ts';

/** Where monitors and the strangers are who listen to them: on loopback only. */
const thisMachine: Pick<Namespace, 'spawn'> = {
  spawn: (command, args, options = {}) => tied(spawn(command, args, options)),
};

/** Of `guaita.yaml`: nothing is pinged but what is in the network of a monitor's own. */
export const PING_SECTION =
  'ping: { engine: fping, gateway_anchor: false, anchors: [10.200.0.250], allowed_networks: [10.200.0.0/16] }';

/**
 * A monitor on this machine that pings from a network of its own, 10.200.0.0/16, where everybody answers until silenced:
 * so that one may find silent what answers another. And a stranger who listens at its broker.
 */
export class SeeingMonitor {
  readonly name: string;
  /** What was said of alerts since this was last emptied, in few words. */
  readonly told: string[] = [];
  /** The ids of all alerts and ends of alerts, in their order. */
  readonly ids: unknown[] = [];
  #network: Namespace | undefined;
  #process: GuaitaProcess | undefined;
  #listener: Listener | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * @param port where its broker is.
   * @param flags of `guaita up`, beside its name.
   * @param folder where it runs and keeps its data.
   */
  async start(port: number, flags: Readonly<Record<string, string>>, folder: string): Promise<void> {
    this.#network = await startNamespace({ networks: ['10.200.0.0/16'] });
    const all = { monitor: this.name, 'http-port': '0', data: join(folder, this.name), ...flags };
    const shims = await this.#network.shims('fping');
    this.#process = GuaitaProcess.up(thisMachine, all, folder, shims);
    await this.#process.until(() => this.#process?.events[0], 'its first event');
    this.#listener = new Listener(thisMachine, port, 'guaita/#');
    this.#listener.alerts((alert) => {
      this.ids.push(alert['id']);
      this.told.push(inFewWords(alert));
    });
  }

  async stop(): Promise<void> {
    await this.#listener?.stop();
    await this.#process?.stop('SIGKILL');
    await this.#network?.stop();
  }

  /** @throws when it has not been started. */
  get network(): Namespace {
    if (this.#network === undefined) throw new Error(`monitor ${this.name} has not been started`);
    return this.#network;
  }

  /** What its broker keeps of a device. */
  state(device: string): Readonly<Record<string, unknown>> | undefined {
    return this.#listener?.newest.get(`guaita/device/${device}/state`);
  }
}
