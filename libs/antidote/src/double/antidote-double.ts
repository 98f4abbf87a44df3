import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeFrame, FrameReader, type Frame } from '../wire/frames.ts';
import { readRequest, type ClientRequest } from './read-request.ts';
import { Sessions } from './sessions.ts';
import type { Store } from './store.ts';
import { errorReply } from './write-reply.ts';

/** What may go wrong with one request. */
export type Fault =
  /** It is carried out, and never answered; nor is anything after it on this connection. */
  | { readonly kind: 'silent' }
  /** It is carried out, and answered late. */
  | { readonly kind: 'late'; readonly by_ms: number }
  /** The connection is closed, before it is carried out or after. */
  | { readonly kind: 'close'; readonly carriedOut: boolean }
  /** It is not carried out, and answered with an error. */
  | { readonly kind: 'error'; readonly code: number; readonly trace: string }
  /** These bytes come in place of the answer. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** It is acknowledged, and not carried out. */
  | { readonly kind: 'lost' };

export interface DoubleOptions {
  /** Shared by several doubles that stand for data centres in perfect replication. */
  readonly store?: Store;
  /** The name of its Erlang node. */
  readonly node?: string;
  /** Asked for each request. */
  readonly fault?: (request: ClientRequest) => Fault | undefined;
  /** How many bytes go into each piece that the client gets. */
  readonly piece_bytes?: number;
  /** Default: a port of the system's choice, on loopback. */
  readonly listen?: { readonly host: string; readonly port: number };
}

/**
 * Stands in for an AntidoteDB server: its protocol over TCP, objects in memory, one data centre, all operations one after
 * the other; and every fault that a network or a server may have.
 */
export class AntidoteDouble {
  /** Every request that came. */
  readonly requests: ClientRequest[] = [];
  fault: ((request: ClientRequest) => Fault | undefined) | undefined;
  /** Reads are answered with empty values and success, as by a server that starts or whose clock was set back. */
  empty = false;
  received_bytes = 0;
  sent_bytes = 0;
  readonly #sessions: Sessions;
  readonly #piece_bytes: number;
  readonly #sockets = new Set<Socket>();
  readonly #host: string;
  #server: Server | undefined;
  #port: number;

  constructor(options: DoubleOptions = {}) {
    this.#sessions = new Sessions(options.store, options.node);
    this.fault = options.fault;
    this.#piece_bytes = options.piece_bytes ?? Number.POSITIVE_INFINITY;
    this.#host = options.listen?.host ?? '127.0.0.1';
    this.#port = options.listen?.port ?? 0;
  }

  get store(): Store {
    return this.#sessions.store;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Listens: on a port of the system's choice at first, if none was named, then on the same one again. */
  async start(): Promise<void> {
    this.#server = createServer((socket) => void this.#serve(socket));
    this.#server.listen(this.#port, this.#host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes all connections, and listens no more. */
  async stop(): Promise<void> {
    if (this.#server === undefined) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
    this.#server = undefined;
  }

  /** Closes all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // Clients break off as they like; what they had asked for needs no answer then.
    socket.on('error', () => socket.destroy());
    const frames = new FrameReader(Number.MAX_SAFE_INTEGER);
    try {
      for await (const piece of socket) {
        this.received_bytes += (piece as Uint8Array).length;
        for (const frame of frames.push(piece as Uint8Array)) await this.#answer(socket, frame);
      }
    } catch {
      // A frame that cannot be read: the server closes the connection.
      socket.destroy();
    }
  }

  async #answer(socket: Socket, frame: Frame): Promise<void> {
    const request = readRequest(frame);
    this.requests.push(request);
    const fault = this.fault?.(request);
    switch (fault?.kind) {
      case 'error':
        return this.#send(socket, encodeFrame(errorReply(fault.code, fault.trace)));
      case 'bytes':
        return this.#send(socket, fault.bytes);
      case 'lost':
        return this.#send(socket, encodeFrame(this.#sessions.pretend(request)));
      case 'close':
        if (fault.carriedOut) this.#sessions.answer(request, this.empty);
        socket.destroy();
        return;
      case 'silent':
        this.#sessions.answer(request, this.empty);
        await once(socket, 'close');
        return;
      case 'late': {
        const reply = this.#sessions.answer(request, this.empty);
        await pause(fault.by_ms);
        return this.#send(socket, encodeFrame(reply));
      }
      case undefined:
        return this.#send(socket, encodeFrame(this.#sessions.answer(request, this.empty)));
    }
  }

  async #send(socket: Socket, bytes: Uint8Array): Promise<void> {
    if (socket.destroyed) return;
    this.sent_bytes += bytes.length;
    if (bytes.length <= this.#piece_bytes) {
      socket.write(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += this.#piece_bytes) {
      socket.write(bytes.subarray(at, at + this.#piece_bytes));
      // A turn of the event loop, so that the system does not put the pieces together again.
      await pause(0);
    }
  }
}
