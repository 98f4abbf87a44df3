import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands before a Unix socket, and can break all that goes through. */
export class SocketProxy {
  readonly #path: string;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  /** @param path where it listens @param target the socket behind it */
  constructor(path: string, target: string) {
    this.#path = path;
    this.#target = target;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#sockets.size;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true }, (client) => this.#forward(client));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path, resolve);
    });
  }

  /** Breaks every connection, and lets no new one be until `start`. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await rm(this.#path, { force: true });
  }

  #forward(client: Socket): void {
    const engine = connect({ path: this.#target, allowHalfOpen: true });
    this.#sockets.add(client);
    client.on('close', () => {
      this.#sockets.delete(client);
      engine.destroy();
    });
    engine.on('close', () => client.destroy());
    client.on('error', () => engine.destroy());
    engine.on('error', () => client.destroy());
    client.pipe(engine).pipe(client);
  }
}
