import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Aedes, type AedesOptions, type Client } from 'aedes';
import { BrokerState } from './broker-state.ts';
import { isLoopback, isWildcard } from './loopback.ts';
import { isPasswordHash } from './passwords.ts';
import { ANONYMOUS, Users, type BrokerUser, type Rights } from './users.ts';

export interface EmbeddedBrokerLog {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

export interface EmbeddedBrokerOptions {
  /** 0: one that is free. */
  readonly port: number;
  /** Where it listens; default 127.0.0.1. Anywhere but on loopback it needs users. */
  readonly host?: string;
  readonly users?: readonly BrokerUser[];
  /**
   * Whether clients on this host that give no user name may do anything. Default: only while there are no users. Never
   * elsewhere.
   */
  readonly anonymous?: boolean;
  /** Where it keeps its retained messages and sessions. */
  readonly dataDir: string;
  readonly log: EmbeddedBrokerLog;
}

/** Why the broker cannot start. */
export class EmbeddedBrokerError extends Error {
  override readonly name = 'EmbeddedBrokerError';
}

const DEFAULT_HOST = '127.0.0.1';

/** A site has some ten monitors with ten services each, and people; each connection costs some 50 KB. */
const CLIENTS_MAX = 1_000;

/** The largest of our messages, an SNMP observation of 500 interfaces, is a tenth of it. */
const PACKET_MAX_bytes = 2 * 2 ** 20;

/** A client that is away for longer finds nothing kept, so that clients that never come back cost nothing for ever. */
const SESSION_MAX_s = 7 * 86_400;

const SESSIONS_MAX = 1_000;

/** From the first byte to a whole CONNECT. */
const CONNECT_TIMEOUT_ms = 10_000;

/**
 * A client that reads nothing for so long is disconnected. Aedes waits for each subscriber of a message before it takes
 * more work, so one that has stopped reading holds up everybody (https://github.com/moscajs/aedes/pull/1060).
 */
const DRAIN_TIMEOUT_ms = 5_000;

/** 128 random bits in base64. */
const TOKEN_MIN_characters = 22;

/** The topics that only the broker itself writes. */
const SYSTEM_TOPIC = /^\$/;

/** An MQTT 5 broker in this process: Aedes, with users, limits and a memory that outlives it. */
export class EmbeddedBroker {
  readonly #options: EmbeddedBrokerOptions;
  readonly #users: Users;
  readonly #state: BrokerState;
  readonly #rights = new WeakMap<Client, Rights>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    this.#users = new Users(options.users ?? []);
    this.#state = new BrokerState(join(options.dataDir, 'broker.jsonl'), (problem) => options.log.warn(problem));
  }

  /** Where clients reach it. On all interfaces (`0.0.0.0`, `::`) clients of this host do so by loopback. */
  get url(): string {
    const { host = DEFAULT_HOST } = this.#options;
    const reachable = isWildcard(host) ? DEFAULT_HOST : host;
    return `mqtt://${reachable.includes(':') ? `[${reachable}]` : reachable}:${this.port}`;
  }

  /** The port that it listens on; before the start, the one that was asked for. */
  get port(): number {
    const address = this.#server?.address();
    return address === null || address === undefined || typeof address === 'string' ? this.#options.port : address.port;
  }

  /**
   * Reads what was kept and listens.
   *
   * @throws {EmbeddedBrokerError} when it may not or cannot listen there, and what to do.
   */
  async start(signal?: AbortSignal): Promise<void> {
    this.#check();
    const ready = Promise.withResolvers<Aedes>();
    const server = createServer((socket) => {
      this.#hold(socket);
      void ready.promise.then((aedes) => aedes.handle(socket));
    });
    server.maxConnections = CLIENTS_MAX;
    this.#server = server;
    // The port first: who has it already has the state too, and we must not touch what another broker writes.
    await this.#listen(server);
    await this.#state.open();
    signal?.throwIfAborted();
    const aedes = new Aedes(this.#aedesOptions());
    this.#aedes = aedes;
    this.#watch(aedes);
    await aedes.listen();
    ready.resolve(aedes);
    this.#options.log.info(`broker: listening on ${this.url}`);
  }

  /** Says goodbye to its clients and writes what it keeps. */
  async stop(): Promise<void> {
    const server = this.#server;
    const aedes = this.#aedes;
    this.#server = undefined;
    this.#aedes = undefined;
    const closed = server?.listening === true ? new Promise((resolve) => server.close(resolve)) : undefined;
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#state.close();
  }

  #check(): void {
    const { host = DEFAULT_HOST, users = [] } = this.#options;
    if (!isLoopback(host) && this.#users.size === 0) {
      throw new EmbeddedBrokerError(
        `the broker may not listen on ${host} without users: anybody there could command this monitor. ` +
          `Give it users, or leave it on ${DEFAULT_HOST}`,
      );
    }
    for (const { name, passwordHash, token } of users) {
      if (token !== undefined && token.length < TOKEN_MIN_characters) {
        throw new EmbeddedBrokerError(
          `broker user ${name}: a token of fewer than ${TOKEN_MIN_characters} characters can be guessed; make it of 24 random bytes`,
        );
      }
      if (passwordHash !== undefined && !isPasswordHash(passwordHash)) {
        throw new EmbeddedBrokerError(
          `broker user ${name}: the password hash is not usable; make one with hashPassword`,
        );
      }
    }
  }

  #listen(server: Server): Promise<void> {
    const { host = DEFAULT_HOST, port } = this.#options;
    return new Promise((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => {
        const why =
          cause.code === 'EADDRINUSE'
            ? 'another program has it. End that one, or choose another port with --mqtt-port, or use it as the broker with --broker'
            : cause.message;
        reject(new EmbeddedBrokerError(`the broker cannot listen on port ${port} of ${host}: ${why}`, { cause }));
      });
      server.listen(port, host, resolve);
    });
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Aedes takes its listener off when it closes a connection; what the kernel reports after that is of no interest.
    socket.on('error', (error) => this.#options.log.debug(`broker: ${error.message}`));
    socket.setNoDelay(true);
  }

  #watch(aedes: Aedes): void {
    const { log } = this.#options;
    const note = (client: Client | null, error: Error): void => {
      log.debug(`broker: client ${client?.id ?? 'without a name'}: ${error.message}`);
    };
    aedes.on('clientError', note);
    aedes.on('connectionError', note);
    // Its types leave this event out.
    (aedes as EventEmitter).on('error', (error: Error) => log.warn(`broker: ${error.message}`));
  }

  #aedesOptions(): AedesOptions {
    return {
      persistence: this.#state,
      maximumPacketSize: PACKET_MAX_bytes,
      sessionExpiryIntervalLimit: SESSION_MAX_s,
      pendingSessionsLimit: SESSIONS_MAX,
      connectTimeout: CONNECT_TIMEOUT_ms,
      drainTimeout: DRAIN_TIMEOUT_ms,
      authenticate: (client, username, password, done) => {
        this.#authenticate(client, username, password).then(
          (rights) => {
            if (rights !== undefined) this.#rights.set(client, rights);
            done(null, rights !== undefined);
          },
          (error: unknown) => {
            this.#options.log.warn(`broker: cannot check a password: ${String(error)}`);
            done(null, false);
          },
        );
      },
      authorizePublish: (client, packet, done) => {
        const system = SYSTEM_TOPIC.test(packet.topic);
        done(
          !system && this.#of(client)?.mayWrite(packet.topic) === true
            ? null
            : new Error(`may not publish to ${packet.topic}`),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        done(null, this.#of(client)?.maySubscribe(subscription.topic) === true ? subscription : null);
      },
      authorizeForward: (client, packet) => (this.#of(client)?.mayRead(packet.topic) === true ? packet : null),
    };
  }

  #of(client: Client | null): Rights | undefined {
    return client === null ? undefined : this.#rights.get(client);
  }

  async #authenticate(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<Rights | undefined> {
    const rights = await this.#identify(client, username, password);
    // Under the same client id one would throw the other out and have its session.
    const holder = this.#clientOf(client.id);
    if (rights === undefined || holder === undefined || this.#of(holder)?.user === rights.user) return rights;
    this.#options.log.warn(`broker: ${rights.user ?? 'somebody'} wants the client id ${client.id} of another user`);
    return undefined;
  }

  async #identify(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<Rights | undefined> {
    if (username !== undefined) return this.#users.authenticate(username, password?.toString() ?? '');
    const { anonymous = this.#users.size === 0 } = this.#options;
    if (!anonymous) return undefined;
    const { conn } = client;
    return 'remoteAddress' in conn && isLoopback(conn.remoteAddress ?? '') ? ANONYMOUS : undefined;
  }

  #clientOf(id: string): Client | undefined {
    // Aedes does not declare its table of clients.
    const { clients } = this.#aedes as unknown as { readonly clients: Readonly<Record<string, Client>> };
    return Object.hasOwn(clients, id) ? clients[id] : undefined;
  }
}
