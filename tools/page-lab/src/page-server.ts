import { MqttBus, Wire } from '@guaita/bus';
import { createLogger, createMetrics, HealthBoard, HttpEndpoint, systemClock } from '@guaita/service';
import { makeToken, type HistoryQueries, type Role, type TokensConfig } from '@guaita/storage';
import { HttpServer } from '@guaita/storage/http';

export interface PageServerOptions {
  /** The built page. */
  readonly folder: string;
  readonly brokerUrl: string;
  readonly history: HistoryQueries;
  /** Somebody who has a token, and their role; without anybody whoever is on this host is an operator. */
  readonly visitor?: readonly [string, Role];
  /** By which it speaks TLS. */
  readonly certificate?: { readonly cert_file: string; readonly key_file: string };
}

/** The page's own server, as storage starts it, before a history that a test makes up. */
export class PageServer {
  /** What `visitor` logs in with. */
  readonly token: string;
  readonly #bus: MqttBus;
  readonly #endpoint: HttpEndpoint;
  readonly #server: HttpServer;
  readonly #scheme: 'http' | 'https';

  constructor({ folder, brokerUrl, history, visitor, certificate }: PageServerOptions) {
    const { token, sha256 } = makeToken();
    this.token = token;
    const tokens: TokensConfig = visitor === undefined ? {} : { [visitor[0]]: { role: visitor[1], sha256 } };
    this.#bus = new MqttBus({ url: brokerUrl, clientId: `page-${sha256.slice(0, 8)}`, log: () => {} });
    const metrics = createMetrics();
    const log = createLogger({ level: 'error', format: 'json' });
    this.#endpoint = new HttpEndpoint({
      config: { host: '127.0.0.1', port: 0, allowed_hosts: [], ...certificate },
      ...{ metrics, health: new HealthBoard(), clock: systemClock, log },
    });
    this.#scheme = certificate === undefined ? 'http' : 'https';
    const wire = new Wire(this.#bus, () => undefined);
    const context = {
      ...{ monitor: 'pi-1', wire, clock: systemClock, log, http: this.#endpoint, metrics },
      mqtt: { url: brokerUrl },
    };
    this.#server = new HttpServer({ context, tokens, history, page: folder });
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#endpoint.port}`;
  }

  async start(): Promise<void> {
    await this.#bus.start(AbortSignal.timeout(20_000));
    await this.#endpoint.start();
    await this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#endpoint.stop();
    await this.#bus.stop(500);
  }
}
