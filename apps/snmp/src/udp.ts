import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';

/** Room for the answers of many agents at once; the kernel gives at most net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** What is done with a datagram from an agent. */
export type DatagramListener = (datagram: Buffer) => void;

/**
 * One UDP socket for each address family, shared by all sessions: thousands of agents need no thousands of file
 * descriptors. A datagram reaches only the sessions with the agent that it comes from; all others are dropped.
 */
export class UdpSockets {
  readonly #sockets = new Map<'udp4' | 'udp6', Socket>();
  readonly #listeners = new Map<string, Set<DatagramListener>>();
  readonly #onError: (error: Error) => void;
  #closed = false;

  /** @param onError told when a socket fails; the next request opens another. */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Hears datagrams from one agent. The function that it gives ends that. */
  listen(address: string, port: number, listener: DatagramListener): () => void {
    const key = peerKey(address, port);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  /** Sends a datagram; calls back when the kernel has it, or with what went wrong. */
  send(datagram: Uint8Array, address: string, port: number, callback: (error: Error | null) => void): void {
    this.#socket(address.includes(':') ? 'udp6' : 'udp4').send(datagram, port, address, callback);
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    this.#listeners.clear();
  }

  #socket(type: 'udp4' | 'udp6'): Socket {
    const known = this.#sockets.get(type);
    if (known !== undefined) return known;
    if (this.#closed) throw new Error('the UDP sockets are closed');
    const socket = createSocket({
      type,
      ipv6Only: type === 'udp6',
      // Addresses are resolved already: no trip through the resolver for each datagram.
      lookup: (name, _options, callback) => callback(null, name, type === 'udp4' ? 4 : 6),
    });
    this.#sockets.set(type, socket);
    socket.on('message', (datagram, sender) => this.#receive(datagram, sender));
    socket.on('error', (error) => {
      this.#sockets.delete(type);
      socket.close();
      this.#onError(error);
    });
    socket.bind(0, () => socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES));
    socket.unref();
    return socket;
  }

  #receive(datagram: Buffer, { address, port }: RemoteInfo): void {
    for (const listener of this.#listeners.get(peerKey(address, port)) ?? []) listener(datagram);
  }
}

function peerKey(address: string, port: number): string {
  return `${address} ${port}`;
}

/** Stands between the sockets and net-snmp. */
export interface DatagramGuard {
  /** Checks a datagram; `undefined` drops it, else this much of it is passed on. */
  check(datagram: Buffer): Buffer | undefined;
  /** Told when what read it threw. */
  failed(error: unknown): void;
}

/** A socket as net-snmp uses it (its `dgramModule` option), made of the shared ones. */
export class PeerSocket extends EventEmitter {
  readonly #sockets: UdpSockets;
  readonly #unlisten: () => void;

  constructor(sockets: UdpSockets, address: string, port: number, guard: DatagramGuard) {
    super();
    this.#sockets = sockets;
    this.#unlisten = sockets.listen(address, port, (datagram) => {
      const passed = guard.check(datagram);
      if (passed === undefined) return;
      try {
        this.emit('message', passed);
      } catch (error) {
        guard.failed(error);
      }
    });
  }

  send(
    buffer: Uint8Array,
    offset: number,
    length: number,
    port: number,
    address: string,
    callback: (error: Error | null) => void,
  ): void {
    this.#sockets.send(buffer.subarray(offset, offset + length), address, port, callback);
  }

  close(): void {
    this.#unlisten();
    this.emit('close');
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
