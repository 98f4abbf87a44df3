import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { CommonConfig } from '../config/common.ts';
import type { HealthBoard } from '../health-board.ts';
import { Health } from '../health.ts';
import { isAllowedHost } from './allowed-host.ts';
import type { CertificateFiles } from './certificate.ts';
import { KeptCertificate } from './kept-certificate.ts';
import { isLoopback } from './loopback.ts';
import type { HttpPart, HttpPlace } from './part.ts';
import { RefusedRequests } from './refused-requests.ts';
import { isByTls, takePlainToo } from './tls-port.ts';

/** The endpoint cannot listen. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

/** An answer takes seconds at most; whoever sends or reads nothing for so long is gone, or means to hold us up. */
const IDLE_ms = 60_000;

/** Each connection costs some 20 KB; a site has a handful of people and programs that ask. */
const CONNECTIONS_MAX = 512;

/** The component of health that tells of the certificate. */
const COMPONENT = 'http';

/** Which host is asked for is looked at here, so that all that is refused is counted and said. */
const ASKED = { requireHostHeader: false };

const PLAIN = 'text/plain; charset=utf-8';

export interface HttpEndpointOptions {
  readonly config: CommonConfig['http'];
  readonly metrics: Registry;
  readonly health: HealthBoard;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The HTTP port of one process: `/metrics` (Prometheus text), `/healthz` (200 or 503 with JSON `{ok, parts}`), and all
 * else by the one service that has something to show. With a certificate it speaks TLS, and to who asks without says only
 * that; but this host may ask for those two in the clear, so that what looks after a process needs to know of no certificate.
 */
export class HttpEndpoint implements HttpPlace {
  readonly #options: HttpEndpointOptions;
  readonly #refused: RefusedRequests;
  #server: Server | undefined;
  #certificate: KeptCertificate | undefined;
  #part: HttpPart | undefined;
  /** All of them: the server does not count as its own those that were handed to the part, nor those that TLS begins on. */
  readonly #connections = new Set<Duplex>();

  constructor(options: HttpEndpointOptions) {
    this.#options = options;
    this.#refused = new RefusedRequests(options.metrics);
  }

  /** The port that it listens on; `undefined` while it does not. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  get names(): readonly string[] {
    return this.#options.config.allowed_hosts;
  }

  serve(part: HttpPart): () => void {
    if (this.#part !== undefined) throw new EndpointError('two services of one process want to answer on its port');
    this.#part = part;
    return () => {
      this.#part = undefined;
    };
  }

  /**
   * @throws {EndpointError} when the address or port cannot be had.
   * @throws {CertificateError} when there is to be a certificate, and it cannot be used.
   */
  async start(): Promise<void> {
    const { host, port, cert_file, key_file } = this.#options.config;
    const server =
      cert_file === undefined || key_file === undefined
        ? createServer(ASKED)
        : await this.#withCertificate({ cert_file, key_file });
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
        response.end(`${error instanceof Error ? error.message : String(error)}\n`);
      });
    });
    server.on('connection', (connection) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (error, socket) => this.#refused.malformed(error, socket));
    server.setTimeout(IDLE_ms);
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        this.#letGo();
        reject(endpointError(host, port, cause));
      });
      server.listen({ host, port }, resolve);
    });
    this.#refused.start();
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    this.#letGo();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const connection of this.#connections) connection.destroy();
    });
  }

  #letGo(): void {
    this.#certificate?.stop();
    this.#options.health.remove(COMPONENT);
    this.#refused.stop();
  }

  /** A server that speaks TLS, by the certificate that stands in its files at the time. */
  async #withCertificate(files: CertificateFiles): Promise<Server> {
    const { clock, health, log } = this.#options;
    const own = new Health();
    const kept = new KeptCertificate({
      ...{ files, clock, log },
      renewed: ({ cert, key }) => server.setSecureContext({ cert, key }),
      // It does its work as well as it can: a supervisor that starts it anew would mend nothing.
      told: (trouble) => own.report('certificate', true, trouble),
    });
    const { cert, key } = await kept.start();
    const server = createTlsServer({ ...ASKED, cert, key, handshakeTimeout: IDLE_ms });
    takePlainToo(server, IDLE_ms);
    health.add(COMPONENT, own);
    this.#certificate = kept;
    return server;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // What the other side breaks is its own affair.
    socket.on('error', () => socket.destroy());
    const reason = this.#whyNot(request);
    if (reason !== undefined) this.#refused.count(reason);
    if (this.#part === undefined || reason !== undefined) {
      const status = this.#part === undefined ? '404 Not Found' : '403 Forbidden';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#part.upgrade(request, socket, head);
  }

  /** Why a request is not answered here, if it is not. */
  #whyNot(request: IncomingMessage): 'host' | 'plain' | undefined {
    const { host, cert_file } = this.#options.config;
    if (!isFor([host, ...this.names], request)) return 'host';
    if (cert_file === undefined || isByTls(request)) return undefined;
    return isOwn(pathOf(request)) && isLoopback(request.socket.remoteAddress ?? '') ? undefined : 'plain';
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
    const reason = this.#whyNot(request);
    if (reason !== undefined) this.#refused.count(reason);
    if (reason === 'host') return say(403, PLAIN, 'unknown host name; add it to http.allowed_hosts\n');
    if (reason === 'plain') {
      const location = secureLocation(request);
      if (location !== undefined) return say(307, PLAIN, `it is at ${location}\n`, { location });
      return say(403, PLAIN, 'this port speaks TLS: ask by https:\n');
    }
    const path = pathOf(request);
    if (!isOwn(path)) {
      if (this.#part === undefined) return say(404, PLAIN, 'there are /metrics and /healthz\n');
      this.#part.request(request, response);
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return say(405, PLAIN, 'only GET and HEAD\n', { allow: 'GET, HEAD' });
    }
    const { metrics, health } = this.#options;
    if (path === '/metrics') return say(200, metrics.contentType, await metrics.metrics());
    const report = health.report();
    say(report.ok ? 200 : 503, 'application/json', `${JSON.stringify(report)}\n`);
  }
}

/** Whether a request is for one of our names: by one header, and by its address where that tells a host (RFC 9112 §3.2). */
function isFor(
  names: readonly string[],
  { headers, headersDistinct, httpVersion, url = '' }: IncomingMessage,
): boolean {
  const told = headersDistinct['host']?.length ?? 0;
  if (told > 1 || (told === 0 && httpVersion !== '1.0')) return false;
  const address = url.startsWith('/') || !URL.canParse(url) ? undefined : new URL(url).host;
  return isAllowedHost(headers.host, names) && (address === undefined || isAllowedHost(address, names));
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

/** What the endpoint itself answers. */
function isOwn(path: string): boolean {
  return path === '/metrics' || path === '/healthz';
}

/**
 * Where a browser finds by TLS what it asked for without. A program gets none: it would send its token in the clear again
 * the next time, and nobody would notice.
 */
function secureLocation({ method, url = '', headers: { host } }: IncomingMessage): string | undefined {
  if ((method !== 'GET' && method !== 'HEAD') || host === undefined) return undefined;
  return url.startsWith('/') && !url.startsWith('/api/') ? `https://${host}${url}` : undefined;
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
