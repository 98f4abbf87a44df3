import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AntidoteClient, assign, text } from '@guaita/antidote';
import { Layout, NAMESPACE, SENTINEL } from './layout.ts';

/** Data centres start by waiting for all their parts, and look for each other with pauses of seconds. */
const MANAGEMENT_TIMEOUT_ms = 60_000;
/** A server that is there takes a connection at once, and answers within seconds however busy it is. */
const REACH_TIMEOUT_ms = 10_000;
/** What is written at one data centre is at the others after 1.6 to 2.6 s with its stock timers, on a busy host later. */
const REPLICATION_TIMEOUT_ms = 30_000;
const LOOK_ms = 250;

export interface ConnectOptions {
  /** Told of each step that is done. */
  readonly progress?: (what: string) => void;
  readonly signal?: AbortSignal;
  /** As in `AntidoteLinkOptions`. */
  readonly namespace?: string;
  /** How long to wait for what is written at one data centre to be at the others. */
  readonly replicationTimeout_ms?: number;
}

/**
 * Makes a data centre of each server, connects all of them with each other, sees that what is written at one arrives at all
 * others, and writes the sentinel, without which no monitor believes what it reads. May be run as often as one likes:
 * data centres that hear each other are left as they are.
 *
 * @param addresses `host:port` of one server of each data centre: of all of them, also of those connected already.
 * @throws {Error} that names the server at which it failed, why, and what to do; run it again when that is mended.
 */
export async function connectDataCentres(addresses: readonly string[], options: ConnectOptions = {}): Promise<void> {
  const clients = new Map(addresses.map((address) => [address, new AntidoteClient({ addresses: [address] })]));
  for (const client of clients.values()) client.start();
  try {
    await new Connecting(clients, options).run();
  } finally {
    await Promise.all([...clients.values()].map((client) => client.stop()));
  }
}

class Connecting {
  readonly #clients: ReadonlyMap<string, AntidoteClient>;
  readonly #options: ConnectOptions;
  readonly #layout: Layout;
  /** What is written this time, that nobody can have written before. */
  readonly #token = randomUUID();

  constructor(clients: ReadonlyMap<string, AntidoteClient>, options: ConnectOptions) {
    this.#clients = clients;
    this.#options = options;
    this.#layout = new Layout(options.namespace ?? NAMESPACE);
  }

  async run(): Promise<void> {
    await this.#reachAll();
    await this.#each('create the data centre', (client) => client.createDataCentre([], this.#within()));
    await this.#each('write to it', (client, address) =>
      client.update([assign(this.#layout.echo(address), this.#token)], this.#within()),
    );
    if (this.#clients.size > 1) await this.#connectAll();
    await this.#each('write the sentinel', (client) => this.#writeSentinel(client));
  }

  /** All that cannot be reached are named at once, before anything is done. */
  async #reachAll(): Promise<void> {
    const failures = await Promise.all(
      [...this.#clients].map(async ([address, client]) => {
        try {
          await client.read([this.#layout.sentinel], this.#within(REACH_TIMEOUT_ms));
          return [];
        } catch (error) {
          return [`${address}: ${(error as Error).message}`];
        }
      }),
    );
    const lines = failures.flat();
    if (lines.length === 0) return;
    throw new Error(
      `${lines.join('\n')}\nsee that AntidoteDB runs there and listens on that port; nothing was changed`,
    );
  }

  async #connectAll(): Promise<void> {
    const deaf: string[] = [];
    for (const address of this.#clients.keys()) if ((await this.#unheard(address, true)).length > 0) deaf.push(address);
    if (deaf.length > 0) {
      const descriptors: Uint8Array[] = [];
      await this.#each('get its descriptor', async (client) => {
        descriptors.push(await client.connectionDescriptor(this.#within()));
      });
      for (const address of deaf) await this.#connect(address, descriptors);
    }
    for (const address of this.#clients.keys()) {
      const unheard = await this.#unheard(address, false);
      if (unheard.length > 0) throw new Error(deafness(address, unheard));
    }
    this.#options.progress?.(`all ${this.#clients.size} data centres hear each other`);
  }

  async #connect(address: string, descriptors: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#at(address, `connect to ${descriptors.length - 1} others`, (client) =>
        client.connectTo(descriptors, this.#within()),
      );
    } catch (error) {
      // A server that does not hear one of the others does not answer.
      const unheard = await this.#unheard(address, true).catch(() => []);
      if (unheard.length === 0) throw error;
      throw new Error(`${deafness(address, unheard)} (${(error as Error).message})`, { cause: error });
    }
  }

  /**
   * The others whose writing does not arrive at a data centre.
   *
   * @param soon do not wait for those of which nothing ever arrived there.
   */
  async #unheard(address: string, soon: boolean): Promise<string[]> {
    const client = this.#clients.get(address);
    const others = [...this.#clients.keys()].filter((other) => other !== address);
    const until_ms = performance.now() + (this.#options.replicationTimeout_ms ?? REPLICATION_TIMEOUT_ms);
    for (;;) {
      const values = await client?.read(
        others.map((other) => this.#layout.echo(other)),
        this.#within(),
      );
      const heard = (values ?? []).map(text);
      const unheard = others.filter((_, index) => heard[index] !== this.#token);
      const isFutile = soon && heard.includes('');
      if (unheard.length === 0 || isFutile || performance.now() > until_ms) return unheard;
      await pause(LOOK_ms, undefined, this.#options.signal === undefined ? {} : { signal: this.#options.signal });
    }
  }

  async #writeSentinel(client: AntidoteClient): Promise<void> {
    const { sentinel } = this.#layout;
    const found = text((await client.read([sentinel], this.#within()))[0]);
    if (found === SENTINEL) return;
    if (found !== '') throw new Error(`it holds "${found}": the data of another version of Guaita; connect with that`);
    await client.update([assign(sentinel, SENTINEL)], this.#within());
  }

  async #each(what: string, work: (client: AntidoteClient, address: string) => Promise<unknown>): Promise<void> {
    for (const address of this.#clients.keys()) await this.#at(address, what, (client) => work(client, address));
  }

  async #at(address: string, what: string, work: (client: AntidoteClient) => Promise<unknown>): Promise<void> {
    const client = this.#clients.get(address);
    if (client === undefined) throw new RangeError(`there is no client for ${address}`);
    try {
      await work(client);
    } catch (error) {
      throw new Error(`${address}: ${what}: ${(error as Error).message}`, { cause: error });
    }
    this.#options.progress?.(`${address}: ${what}`);
  }

  #within(timeout_ms = MANAGEMENT_TIMEOUT_ms): { timeout_ms: number; signal?: AbortSignal } {
    const { signal } = this.#options;
    return { timeout_ms, ...(signal === undefined ? {} : { signal }) };
  }
}

function deafness(address: string, unheard: readonly string[]): string {
  return (
    `${address}: what is written at ${unheard.join(', ')} does not arrive here; see that the hosts reach each other on the ` +
    'ports of AntidoteDB for data centres (8085 and 8086 unless set otherwise), and that their clocks are right; if all ' +
    'that is so, see "A data centre that stays deaf" in docs/antidote.md'
  );
}
