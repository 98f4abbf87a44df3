import { connect, createServer, type Server, type Socket } from 'node:net';

/** How many have listened on Unix sockets: each has a file of its own. */
let proxies = 0;

/**
 * A forwarder between a client and a server, so that a test can break their connection at will: by TCP on loopback, or
 * from one Unix socket to another.
 */
export class TcpProxy {
  readonly #target: number | string;
  readonly #host: string;
  readonly #server: Server;
  /** The two ends of each connection, each with the other. */
  readonly #sockets = new Map<Socket, Socket>();
  readonly #bytes = { sent: 0, received: 0 };
  #port = 0;
  #path = '';
  #blocked = false;
  #held = false;

  /**
   * @param target the port that it forwards to, or the file of a Unix socket.
   * @param host where that port is: here, unless it is given.
   */
  constructor(target: number | string, host = '127.0.0.1') {
    this.#target = target;
    this.#host = host;
    this.#server = createServer((inner) => this.#forward(inner));
  }

  get port(): number {
    return this.#port;
  }

  /** The file on which it listens, where it forwards to a Unix socket. */
  get path(): string {
    return this.#path;
  }

  /** What clients have sent and received through it. */
  get bytes(): { readonly sent: number; readonly received: number } {
    return { ...this.#bytes };
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      if (typeof this.#target === 'number') this.#server.listen(0, '127.0.0.1', resolve);
      else this.#server.listen((this.#path = `${this.#target}-${(proxies += 1)}`), resolve);
    });
    if (this.#path !== '') return;
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    this.#port = address.port;
  }

  /** Resets every connection; new ones are accepted. */
  cut(): void {
    for (const socket of this.#sockets.keys()) this.#break(socket);
  }

  /** Resets every connection, and each new one, until `unblock`. */
  block(): void {
    this.#blocked = true;
    this.cut();
  }

  unblock(): void {
    this.#blocked = false;
  }

  /** Lets nothing through any more, and breaks nothing, until `release`: as an end that has stopped reading. */
  hold(): void {
    this.#held = true;
    for (const socket of this.#sockets.keys()) socket.unpipe().pause();
  }

  release(): void {
    this.#held = false;
    for (const [socket, other] of this.#sockets) socket.pipe(other);
  }

  /** Resets every connection and accepts no more. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #break(socket: Socket): void {
    // There is no reset on Unix sockets.
    if (this.#path === '') socket.resetAndDestroy();
    else socket.destroy();
  }

  #forward(inner: Socket): void {
    if (this.#blocked) {
      this.#break(inner);
      return;
    }
    const outer = typeof this.#target === 'number' ? connect(this.#target, this.#host) : connect(this.#target);
    for (const [socket, other, way] of [
      [inner, outer, 'sent'],
      [outer, inner, 'received'],
    ] as const) {
      this.#sockets.set(socket, other);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', ({ length }) => (this.#bytes[way] += length));
      if (this.#held) socket.pause();
      else socket.pipe(other);
    }
  }
}
