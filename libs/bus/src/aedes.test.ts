import { createServer, type Server } from 'node:net';
import { freePort } from '@guaita/lab';
import { Aedes } from 'aedes';
import { busContract, overTcp } from './contract.ts';

/** Aedes as it comes: it keeps nothing once it is gone. */
class PlainAedes {
  readonly #port: number;
  #server: Server | undefined;
  #aedes: Aedes | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    const server = createServer(aedes.handle);
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#server = server;
    this.#aedes = aedes;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    const aedes = this.#aedes;
    if (server === undefined || aedes === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    await new Promise<void>((resolve) => aedes.close(resolve));
    await closed;
  }
}

busContract('plain Aedes 2', async () => {
  const port = await freePort();
  const broker = new PlainAedes(port);
  await broker.start();
  return overTcp(port, {
    stopBroker: () => broker.stop(),
    startBroker: async () => {
      await broker.stop();
      await broker.start();
    },
    persists: false,
    close: () => broker.stop(),
  });
});
