import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Registry } from 'prom-client';
import type { CommonConfig } from '../config/common.ts';
import type { HealthBoard } from '../health-board.ts';
import { isAllowedHost } from './allowed-host.ts';
import type { HttpPart, HttpPlace } from './part.ts';

/** The endpoint cannot listen. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

/** An answer takes seconds at most; whoever sends or reads nothing for so long is gone, or means to hold us up. */
const IDLE_ms = 60_000;

/** Each connection costs some 20 KB; a site has a handful of people and programs that ask. */
const CONNECTIONS_MAX = 512;

/**
 * The HTTP port of one process: `/metrics` (Prometheus text), `/healthz` (200 or 503 with JSON `{ok, parts}`), and all
 * else by the one service that has something to show.
 */
export class HttpEndpoint implements HttpPlace {
  readonly #config: CommonConfig['http'];
  readonly #metrics: Registry;
  readonly #health: HealthBoard;
  #server: Server | undefined;
  #part: HttpPart | undefined;
  /** Connections that were handed to the part: the server does not count them as its own any more. */
  readonly #upgraded = new Set<Duplex>();

  constructor(config: CommonConfig['http'], metrics: Registry, health: HealthBoard) {
    this.#config = config;
    this.#metrics = metrics;
    this.#health = health;
  }

  /** The port that it listens on; `undefined` while it does not. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  get names(): readonly string[] {
    return this.#config.allowed_hosts;
  }

  serve(part: HttpPart): () => void {
    if (this.#part !== undefined) throw new EndpointError('two services of one process want to answer on its port');
    this.#part = part;
    return () => {
      this.#part = undefined;
    };
  }

  /** @throws {EndpointError} when the address or port cannot be had. */
  async start(): Promise<void> {
    const { host, port } = this.#config;
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
        response.end(`${error instanceof Error ? error.message : String(error)}\n`);
      });
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.setTimeout(IDLE_ms);
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(endpointError(host, port, cause)));
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      for (const socket of this.#upgraded) socket.destroy();
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // What the other side breaks is its own affair.
    socket.on('error', () => socket.destroy());
    if (this.#part === undefined || !this.#isForUs(request)) {
      const status = this.#part === undefined ? '404 Not Found' : '403 Forbidden';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    this.#part.upgrade(request, socket, head);
  }

  #isForUs({ headers: { host } }: IncomingMessage): boolean {
    return isAllowedHost(host, [this.#config.host, ...this.names]);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = (status: number, type: string, text: string, headers: Record<string, string> = {}): void => {
      const body = Buffer.from(text);
      response.writeHead(status, {
        'content-type': type,
        'content-length': body.length,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...headers,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const plain = 'text/plain; charset=utf-8';
    if (!this.#isForUs(request)) return say(403, plain, 'unknown host name; add it to http.allowed_hosts\n');
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/metrics' && path !== '/healthz') {
      if (this.#part === undefined) return say(404, plain, 'there are /metrics and /healthz\n');
      this.#part.request(request, response);
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return say(405, plain, 'only GET and HEAD\n', { allow: 'GET, HEAD' });
    }
    if (path === '/metrics') return say(200, this.#metrics.contentType, await this.#metrics.metrics());
    const report = this.#health.report();
    say(report.ok ? 200 : 503, 'application/json', `${JSON.stringify(report)}\n`);
  }
}

function endpointError(host: string, port: number, cause: NodeJS.ErrnoException): EndpointError {
  const where = `${host} port ${port} (/metrics and /healthz)`;
  const mend =
    cause.code === 'EADDRINUSE'
      ? 'something else listens there: choose another with http.port or --http-port, 0 for any'
      : cause.code === 'EADDRNOTAVAIL'
        ? 'this host has no such address: correct http.host'
        : cause.code === 'EACCES'
          ? 'this user may not use that port: choose one above 1023 with http.port or --http-port'
          : 'correct http.host and http.port';
  return new EndpointError(`cannot listen on ${where}: ${cause.code ?? cause.message}; ${mend}`, { cause });
}
