import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { CommonConfig } from '../config/common.ts';
import type { HealthBoard } from '../health-board.ts';
import { isAllowedHost } from './allowed-host.ts';

/** The endpoint cannot listen. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

/** `/metrics` (Prometheus text) and `/healthz` (200 or 503 with JSON `{ok, parts}`) of one process. */
export class HttpEndpoint {
  readonly #config: CommonConfig['http'];
  readonly #metrics: Registry;
  readonly #health: HealthBoard;
  #server: Server | undefined;

  constructor(config: CommonConfig['http'], metrics: Registry, health: HealthBoard) {
    this.#config = config;
    this.#metrics = metrics;
    this.#health = health;
  }

  /** The port that it listens on; `undefined` while it does not. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
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
    });
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
    if (!isAllowedHost(request.headers.host, [this.#config.host, ...this.#config.allowed_hosts])) {
      return say(403, plain, 'unknown host name; add it to http.allowed_hosts\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return say(405, plain, 'only GET and HEAD\n', { allow: 'GET, HEAD' });
    }
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/metrics') return say(200, this.#metrics.contentType, await this.#metrics.metrics());
    if (path === '/healthz') {
      const report = this.#health.report();
      return say(report.ok ? 200 : 503, 'application/json', `${JSON.stringify(report)}\n`);
    }
    say(404, plain, 'there are /metrics and /healthz\n');
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
