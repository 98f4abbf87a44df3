import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { EVENT_LIMIT_bytes } from '../event-size.ts';
import { encoded } from '../wire/encode.ts';
import { fieldsOf } from '../wire/fields.ts';
import { ValueReader } from '../wire/value-reader.ts';
import { Cluster, type DoubleEvent, type DoubleMember, type Participant } from './cluster.ts';
import type { Wire } from './records.ts';
import { Session } from './session.ts';

/** What may go wrong with one request. */
export type Fault =
  /** It is not answered, nor is anything after it on this connection. */
  | { readonly kind: 'silent' }
  /** The connection is closed in place of the answer. */
  | { readonly kind: 'close' }
  /** These bytes come in place of the answer. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** `begin` comes in place of the answer, and then these bytes, again and again for as long as the client takes them. */
  | { readonly kind: 'endless'; readonly begin: Uint8Array; readonly bytes: Uint8Array };

export interface DoubleOptions {
  readonly name?: string;
  /** What clients have to say first. */
  readonly authKey?: string;
  /** How many bytes go into each piece that a client gets. */
  readonly piece_bytes?: number;
}

/** Requests are believed: the double is no program for hostile clients. */
const BOUNDS = { most_bytes: Number.MAX_SAFE_INTEGER, most_values: Number.MAX_SAFE_INTEGER };

/** Agents that can be joined, by the addresses of their gossip, which nothing listens on. */
const network = new Map<string, SerfDouble>();

/**
 * Stands in for a Serf agent: its protocol over TCP, a cluster in memory whose gossip takes no time, and every fault that a
 * network or an agent may have.
 */
export class SerfDouble implements Participant {
  readonly authKey: string | undefined;
  /** The commands that came. */
  readonly requests: string[] = [];
  /** Asked for each request. */
  fault: ((command: string) => Fault | undefined) | undefined;
  /** What it takes for a user event (`user_event_size_limit`). */
  eventLimit_bytes: number = EVENT_LIMIT_bytes;
  self: DoubleMember;
  cluster = new Cluster();
  readonly #name: string;
  readonly #piece_bytes: number;
  readonly #sessions = new Map<Socket, Session>();
  #server: Server | undefined;
  #port = 0;

  constructor({ name = 'double', authKey, piece_bytes = Number.POSITIVE_INFINITY }: DoubleOptions = {}) {
    this.#name = name;
    this.authKey = authKey;
    this.#piece_bytes = piece_bytes;
    this.self = this.#fresh();
  }

  /** Of its RPC. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** By which others join it. */
  get gossip(): string {
    return `${this.self.address.join('.')}:${this.self.port}`;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /** Listens: on a port of the system's choice at first, then on the same one again. It remembers nothing of before. */
  async start(): Promise<void> {
    this.#server = createServer((socket) => void this.#serve(socket));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    this.self = this.#fresh();
    network.set(this.gossip, this);
    new Cluster().enter(this);
  }

  /** Ends without a word to its cluster, as an agent that is killed. */
  async stop(): Promise<void> {
    if (this.#server === undefined) return;
    const closed = once(this.#server, 'close');
    this.end('failed');
    await closed;
  }

  /** Ends, and is told of as having left or failed. */
  end(how: 'left' | 'failed'): void {
    if (this.#server === undefined) return;
    network.delete(this.gossip);
    this.#server.close();
    this.#server = undefined;
    this.cut();
    this.cluster.lose(this, how);
  }

  /** Closes all connections, when what is under way has gone. */
  cut(): void {
    for (const session of this.#sessions.values()) session.end();
  }

  /** @returns how many of these could be reached. */
  join(addresses: readonly string[]): number {
    const reached = addresses.flatMap((address) => network.get(address) ?? []);
    for (const { cluster } of reached) cluster.merge(this.cluster);
    return reached.length;
  }

  tell(event: DoubleEvent): void {
    for (const session of this.#sessions.values()) session.tell(event);
  }

  /** Writes a line to the log. */
  log(line: string): void {
    for (const session of this.#sessions.values()) session.log(line);
  }

  #fresh(): DoubleMember {
    return { name: this.#name, address: mapped([127, 0, 0, 1]), port: this.#port, tags: new Map(), status: 'alive' };
  }

  async #serve(socket: Socket): Promise<void> {
    let sent = Promise.resolve();
    const send = (...values: readonly Wire[]): void => {
      sent = sent.then(() => this.#send(socket, encoded(...values)));
    };
    const session = new Session(this, send, () => void sent.then(() => socket.destroySoon()));
    this.#sessions.set(socket, session);
    socket.on('close', () => this.#sessions.delete(socket));
    // Clients break off as they like; what they had asked for needs no answer then.
    socket.on('error', () => socket.destroy());
    const reader = new ValueReader(BOUNDS);
    let waiting: { command: string; seq: number } | undefined;
    try {
      for await (const piece of socket) {
        for (const value of reader.push(piece as Uint8Array)) {
          const request = waiting ?? Session.read(value);
          if (waiting === undefined && Session.hasBody(request.command)) {
            waiting = request;
            continue;
          }
          const body = waiting === undefined ? new Map() : fieldsOf(value, request.command);
          waiting = undefined;
          this.requests.push(request.command);
          const fault = this.fault?.(request.command);
          if (fault === undefined) session.answer(request.command, request.seq, body);
          else await this.#fail(socket, fault);
        }
      }
    } catch {
      // What cannot be read: the agent closes the connection.
      socket.destroy();
    }
  }

  async #fail(socket: Socket, fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'silent':
        await once(socket, 'close');
        return;
      case 'close':
        socket.destroySoon();
        return;
      case 'bytes':
        return this.#send(socket, fault.bytes);
      case 'endless':
        socket.write(fault.begin);
        while (!socket.destroyed) {
          if (socket.write(fault.bytes)) await pause(0);
          else await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
        }
    }
  }

  async #send(socket: Socket, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += this.#piece_bytes) {
      socket.write(bytes.subarray(at, Math.min(bytes.length, at + this.#piece_bytes)));
      // A turn of the event loop, so that the system does not put the pieces together again.
      if (this.#piece_bytes < bytes.length) await pause(0);
    }
  }
}

/** An IPv4 address in the sixteen bytes in which Go most often keeps it. */
function mapped(address: readonly number[]): Uint8Array {
  return Uint8Array.from([...new Array<number>(10).fill(0), 255, 255, ...address]);
}
