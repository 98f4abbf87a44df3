import { started, type Namespace, startNamespace } from '@guaita/lab';

/** Every host of the lab's network, devices apart: `10.77.0.n`. */
export const NETWORK = '10.77.0';
/** Where devices are, behind the router. */
export const DEVICES = '10.200.0.0/16';
/** The router of all, which is the devices as well. It answers for all of them, and stays on both sides of a partition. */
const ROUTER = `${NETWORK}.1`;
/** Two switches with one cable between them that can be pulled. */
const SWITCHES = ['switch-a', 'switch-b'] as const;

/**
 * A network of real network namespaces: two switches, and behind a router 65,000 devices. Hosts are plugged in at the
 * first switch; a partition moves some of them to the other one, where the router has a second leg.
 */
export class LabNetwork {
  #switches: Namespace | undefined;
  #devices: Namespace | undefined;
  /** The addresses of those at the second switch. */
  readonly #apart = new Map<string, string>();

  async start(): Promise<void> {
    this.#switches = await startNamespace({ networks: [] });
    this.#devices = await startNamespace({ networks: [DEVICES] });
    await this.#switches.ip(SWITCHES.flatMap((name) => [`link add ${name} type bridge`, `link set ${name} up`]));
    for (const [index, name] of SWITCHES.entries()) {
      await this.#switches.ip([
        `link add router-${index} type veth peer name leg-${index} netns ${this.#devices.pid}`,
        `link set router-${index} master ${name} up`,
      ]);
    }
    await this.#devices.ip([
      `addr add ${ROUTER}/24 dev leg-0`,
      `addr add ${ROUTER}/32 dev leg-1`,
      'link set leg-0 up',
      'link set leg-1 up',
    ]);
  }

  async stop(): Promise<void> {
    await this.#devices?.stop();
    await this.#switches?.stop();
  }

  /** The devices: silence some, run agents there. */
  get devices(): Namespace {
    return running(this.#devices);
  }

  /**
   * Plugs a host in: it gets an `eth0` with this address, and the router as its way out.
   *
   * @param host the process whose network namespace is the host's
   * @param inside runs commands of `ip` there
   */
  async plugIn(
    name: string,
    host: number,
    address: string,
    inside: (commands: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const [master] = SWITCHES;
    await this.#atSwitches(
      `link add ${port(name)} type veth peer name eth0 netns ${host}`,
      `link set ${port(name)} master ${this.#apart.has(name) ? SWITCHES[1] : master} up`,
    );
    await inside([
      'link set lo up',
      `addr add ${address}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${ROUTER}`,
    ]);
  }

  /** Pulls a host's cable at the switch: its own end still looks whole to it. */
  async cut(name: string): Promise<void> {
    await this.#atSwitches(`link set ${port(name)} nomaster`);
  }

  /** Puts the cable back. */
  async mend(name: string): Promise<void> {
    await this.#atSwitches(`link set ${port(name)} master ${this.#apart.has(name) ? SWITCHES[1] : SWITCHES[0]}`);
  }

  /** Takes the port of a host that is gone away. */
  async unplug(name: string): Promise<void> {
    await this.#atSwitches(`link del ${port(name)}`);
  }

  /** Puts these hosts, name and address each, on the other side of a cut; both sides reach the devices. */
  async partition(hosts: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, address] of hosts) this.#apart.set(name, address);
    await this.#atSwitches(...[...hosts.keys()].map((name) => `link set ${port(name)} master ${SWITCHES[1]}`));
    await this.devices.ip([...hosts.values()].map((address) => `route replace ${address}/32 dev leg-1 src ${ROUTER}`));
  }

  /** All are at one switch again. */
  async heal(): Promise<void> {
    const hosts = new Map(this.#apart);
    this.#apart.clear();
    await this.#atSwitches(...[...hosts.keys()].map((name) => `link set ${port(name)} master ${SWITCHES[0]}`));
    await this.devices.ip([...hosts.values()].map((address) => `route del ${address}/32 dev leg-1`));
  }

  async #atSwitches(...commands: readonly string[]): Promise<void> {
    await running(this.#switches).ip(commands);
  }
}

function port(name: string): string {
  return `to-${name}`;
}

function running(namespace: Namespace | undefined): Namespace {
  if (namespace === undefined) throw new Error('the network of the lab has not been started');
  return namespace;
}

/** Starts one; `stop` it when done. It does not outlive this process. */
export async function startLabNetwork(): Promise<LabNetwork> {
  return await started(new LabNetwork());
}
