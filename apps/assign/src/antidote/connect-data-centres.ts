import { AntidoteClient, assign, text } from '@guaita/antidote';
import { Layout, NAMESPACE, SENTINEL } from './layout.ts';

/** Data centres start by waiting for all their parts, and look for each other with pauses of seconds. */
const MANAGEMENT_TIMEOUT_ms = 60_000;

export interface ConnectOptions {
  /** Told of each step that is done. */
  readonly progress?: (what: string) => void;
  readonly signal?: AbortSignal;
  /** As in `AntidoteLinkOptions`. */
  readonly namespace?: string;
}

/**
 * Makes a data centre of each server, connects all of them with each other, and writes the sentinel, without which no
 * monitor believes what it reads. May be run as often as one likes: what is done already stays as it is.
 *
 * @param addresses `host:port` of one server of each data centre: of all of them, also of those connected already.
 * @throws {Error} that names the server at which it failed; its cause says why. Run it again when that is mended.
 */
export async function connectDataCentres(
  addresses: readonly string[],
  { progress = () => {}, signal, namespace = NAMESPACE }: ConnectOptions = {},
): Promise<void> {
  const options = { timeout_ms: MANAGEMENT_TIMEOUT_ms, ...(signal === undefined ? {} : { signal }) };
  const clients = addresses.map((address) => ({ address, client: new AntidoteClient({ addresses: [address] }) }));
  const at = async <T>(address: string, what: string, work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      progress(`${address}: ${what}`);
      return result;
    } catch (error) {
      throw new Error(`${address}: ${what}: ${(error as Error).message}`, { cause: error });
    }
  };
  for (const { client } of clients) client.start();
  try {
    for (const { address, client } of clients) {
      await at(address, 'create the data centre', () => client.createDataCentre([], options));
    }
    const descriptors: Uint8Array[] = [];
    for (const { address, client } of clients) {
      descriptors.push(await at(address, 'get its descriptor', () => client.connectionDescriptor(options)));
    }
    for (const { address, client } of clients) {
      await at(address, `connect to ${addresses.length - 1} others`, () => client.connectTo(descriptors, options));
    }
    const object = new Layout(namespace).sentinel;
    for (const { address, client } of clients) {
      await at(address, 'write the sentinel', async () => {
        const [sentinel] = await client.read([object], options);
        const found = text(sentinel);
        if (found === SENTINEL) return;
        if (found !== '')
          throw new Error(`it holds "${found}": the data of another version of Guaita; connect with that`);
        await client.update([assign(object, SENTINEL)], options);
      });
    }
  } finally {
    await Promise.all(clients.map(({ client }) => client.stop()));
  }
}
