import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { holdFolder, isLoopback, isWildcard, type HeldFolder } from '@guaita/service';
import type { Id } from '@guaita/model';
import { Aedes, type AedesOptions, type AuthenticateError, type Client } from 'aedes';
import { Admission } from './admission.ts';
import { BrokerState, type Presence } from './broker-state.ts';
import { isPasswordHash } from './passwords.ts';
import type { Packet } from './stored-packet.ts';
import { Users, type BrokerUser, type SiteKey } from './users.ts';

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
  /** What the other monitors of the site come in by, each by its own name. */
  readonly site?: SiteKey | undefined;
  /**
   * Whether clients on this host that give no user name may do anything. Default: only while there are no users. Never
   * elsewhere.
   */
  readonly anonymous?: boolean;
  /** The data folder; it keeps its retained messages and sessions in `broker` below, and nobody else may meanwhile. */
  readonly data: string;
  /** Which monitor the data folder belongs to. */
  readonly monitor: Id;
  readonly log: EmbeddedBrokerLog;
}

/** Why the broker cannot start. */
export class EmbeddedBrokerError extends Error {
  override readonly name = 'EmbeddedBrokerError';
}

/** Below the data folder. */
const FOLDER = 'broker';

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
  readonly #admission: Admission;
  #held: HeldFolder | undefined;
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    this.#users = new Users(options.users ?? [], options.site);
    const warn = (problem: string): void => options.log.warn(`broker: ${problem}`);
    this.#state = new BrokerState(join(options.data, FOLDER, 'broker.jsonl'), warn, SESSIONS_MAX);
    this.#admission = new Admission({
      users: this.#users,
      anonymous: options.anonymous ?? this.#users.size === 0,
      keptFor: (clientId) => this.#state.keptFor(clientId),
      warn,
    });
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
    // The port first: who has it is named with what to do about it.
    await this.#listen(server);
    this.#held = await holdFolder(this.#options.data, FOLDER, this.#options.monitor);
    await this.#state.open();
    signal?.throwIfAborted();
    const aedes = new Aedes(this.#aedesOptions());
    this.#aedes = aedes;
    this.#watch(aedes);
    await aedes.listen();
    await this.#state.publishLastWills((will) => this.#publish(aedes, will));
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
    await this.#held?.release();
    this.#held = undefined;
  }

  async #publish(aedes: Aedes, will: Packet): Promise<void> {
    const { topic, payload, qos, retain, properties = {} } = will;
    const packet = { cmd: 'publish' as const, dup: false, topic, payload, qos, retain, properties };
    await new Promise<void>((resolve) => {
      aedes.publish(packet, (error) => {
        if (error !== undefined && error !== null) this.#options.log.warn(`broker: a will is lost: ${error.message}`);
        resolve();
      });
    });
  }

  #check(): void {
    const { host = DEFAULT_HOST, users = [] } = this.#options;
    if (!isLoopback(host) && this.#users.size === 0) {
      throw new EmbeddedBrokerError(
        `the broker may not listen on ${host} without users: anybody there could command this monitor. ` +
          `Give it a site key (--site-key FILE) or users (broker.users), or leave it on ${DEFAULT_HOST}`,
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
    aedes.on('client', (client) => this.#state.came(this.#presenceOf(client)));
    aedes.on('clientDisconnect', (client) => this.#state.left(this.#presenceOf(client)));
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
        this.#admission.admit(client, username, password).then(
          (admitted) => done(null, admitted),
          (error: AuthenticateError) => {
            this.#options.log.warn(`broker: cannot check a password: ${String(error)}`);
            done(error, false);
          },
        );
      },
      authorizePublish: (client, packet, done) => {
        const system = SYSTEM_TOPIC.test(packet.topic);
        // Aedes itself says so only once the message is queued, too late for who wants none of its own.
        if (client !== null) Object.assign(packet, { clientId: client.id });
        done(
          !system && this.#admission.rightsOf(client)?.mayWrite(packet.topic) === true
            ? null
            : new Error(`may not publish to ${packet.topic}`),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        done(null, this.#admission.rightsOf(client)?.maySubscribe(subscription.topic) === true ? subscription : null);
      },
      authorizeForward: (client, packet) =>
        this.#admission.rightsOf(client)?.mayRead(packet.topic) === true ? packet : null,
    };
  }

  /** What Aedes tells of nobody but has in memory: a will only where its client may write. */
  #presenceOf(client: Client): Presence {
    const rights = this.#admission.rightsOf(client);
    // Its types leave these out.
    const { will, clean } = client as Client & { readonly will?: Packet | null; readonly clean: boolean };
    const due = will !== undefined && will !== null && rights?.mayWrite(will.topic) === true;
    return { id: client.id, user: rights?.user, will: due ? will : undefined, clean };
  }
}
