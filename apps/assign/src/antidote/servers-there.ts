import { allOf, AntidoteClient, nodeOf, parseAddress, showAddress } from '@guaita/antidote';
import { serverName } from './server-name.ts';

/** A server that is there answers at once, also while it starts; one that waits for its parts does not. */
const ANSWER_ms = 10_000;

/** A server that answers. */
export interface ServerThere {
  readonly address: string;
  readonly client: AntidoteClient;
  readonly descriptor: Uint8Array;
  /** What it is called in what people read. */
  readonly name: string;
  /** The monitor of its host, where it is named after it. */
  readonly host: string | undefined;
  readonly generation: number | undefined;
  /** Another one after each connection that broke: it may have been restarted. */
  readonly session: number;
}

/** Keeps a connection to every server that stands under some addresses, which change while it runs. */
export class ServersThere {
  readonly #addresses: readonly string[];
  readonly #clients = new Map<string, { readonly client: AntidoteClient; session: number }>();

  /** @param addresses `host:port`; a name may stand for several servers. */
  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /**
   * Those that answer now, in the order of their names.
   *
   * @throws {Error} when no name can be resolved.
   */
  async look(signal: AbortSignal): Promise<ServerThere[]> {
    const addresses = (await allOf(this.#addresses.map(parseAddress))).map(showAddress);
    await this.#keep(addresses);
    const found = await Promise.all(addresses.map((address) => this.#ask(address, signal)));
    return found.filter((server) => server !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async stop(): Promise<void> {
    await this.#keep([]);
  }

  async #ask(address: string, signal: AbortSignal): Promise<ServerThere | undefined> {
    const kept = this.#clients.get(address);
    if (kept === undefined) return undefined;
    try {
      const descriptor = await kept.client.connectionDescriptor({ timeout_ms: ANSWER_ms, signal });
      const node = nodeOf(descriptor);
      const { host, generation } = serverName(node) ?? {};
      const name = host === undefined ? address : `${host} (${address})`;
      return { address, client: kept.client, descriptor, name, host, generation, session: kept.session };
    } catch {
      // Away, or not yet able to answer: it is not there.
      return undefined;
    }
  }

  async #keep(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      if (this.#clients.has(address)) continue;
      const kept = {
        client: new AntidoteClient({ addresses: [address], onConnected: () => (kept.session += 1) }),
        session: 0,
      };
      this.#clients.set(address, kept);
      kept.client.start();
    }
    for (const [address, { client }] of [...this.#clients]) {
      if (addresses.includes(address)) continue;
      this.#clients.delete(address);
      await client.stop();
    }
  }
}
