import type { Duplex } from 'node:stream';
import { Counter, type Registry } from 'prom-client';

const NAME = 'guaita_http_refused_total';

/** Why a request was refused before anybody looked for what it asks for. */
const REASONS = ['host', 'plain', 'tls', 'malformed', 'too-large', 'too-slow'] as const;
export type Reason = (typeof REASONS)[number];

/** What Node.js finds wrong with a request before it is one (its `clientError`), and what it answers to that by itself. */
const FAULTS: Readonly<Record<string, readonly [Reason, string]>> = {
  HPE_HEADER_OVERFLOW: ['too-large', '431 Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['too-large', '413 Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['too-slow', '408 Request Timeout'],
};
const MALFORMED: readonly [Reason, string] = ['malformed', '400 Bad Request'];

/** How errors of its parser begin, and those of TLS. */
const OF_PARSER = 'HPE_';
const OF_TLS = /^(ERR_SSL_|ERR_TLS_|EPROTO)/;

/** Counts requests that no service sees, at `/metrics`. */
export class RefusedRequests {
  readonly #registry: Registry;
  #counter: Counter | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  start(): void {
    this.#counter = new Counter({
      name: NAME,
      help: 'Requests and connections that were refused before anybody looked for what they ask for, by reason',
      labelNames: ['reason'],
      registers: [this.#registry],
    });
    for (const reason of REASONS) this.#counter.inc({ reason }, 0);
  }

  stop(): void {
    if (this.#counter !== undefined) this.#registry.removeSingleMetric(NAME);
    this.#counter = undefined;
  }

  count(reason: Reason): void {
    this.#counter?.inc({ reason });
  }

  /** Answers what is no request, and ends its connection. One that was just cut off is nobody’s fault. */
  malformed({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
    const [reason, status] = FAULTS[code] ?? (code.startsWith(OF_PARSER) ? MALFORMED : []);
    if (reason !== undefined) this.count(reason);
    else if (OF_TLS.test(code)) this.count('tls');
    if (status === undefined || !socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
