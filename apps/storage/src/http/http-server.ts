import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CommandClient } from '@guaita/bus';
import { normaliseId } from '@guaita/model';
import { VERSION, type HttpPart, type MonitorContext } from '@guaita/service';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Door } from './access/door.ts';
import type { TokensConfig } from './access/tokens.ts';
import { makeApplication, OTHERS, problemBytes } from './application.ts';
import { DeviceBook } from './device-book.ts';
import type { HistoryQueries } from './history-queries.ts';
import { HttpMetrics } from './http-metrics.ts';
import { MqttProxy } from './mqtt/proxy.ts';
import { openapiDocument } from './openapi.ts';
import { PageFiles } from './page/page-files.ts';
import { HttpProblem } from './problem.ts';
import { commandRoutes } from './routes/commands.ts';
import { deviceRoutes } from './routes/devices.ts';
import { historyRoutes } from './routes/history.ts';
import { route, type Route } from './routes/route.ts';
import { sessionRoutes } from './routes/session.ts';
import { sparkRoute } from './routes/sparks.ts';

export interface HttpServerOptions {
  readonly context: Pick<MonitorContext, 'monitor' | 'wire' | 'clock' | 'log' | 'http' | 'metrics' | 'mqtt'>;
  readonly tokens: TokensConfig;
  readonly history: HistoryQueries;
  /** The folder of the built page. */
  readonly page: string;
}

/** Where the page speaks MQTT. */
const MQTT_PATH = '/mqtt';

/** The page, the API and the way to the broker, on the HTTP port of the process. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #stopping = new AbortController();
  readonly #releases: (() => Promise<void> | void)[] = [];

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  /** @throws {BusError} when the broker refuses what has to be heard. */
  async start(): Promise<void> {
    const { context, tokens, history } = this.#options;
    const { monitor, wire, clock, log, http, metrics: registry, mqtt } = context;
    const door = new Door({
      ...{ tokens, names: http.names, cookie: `guaita-${monitor}` },
      monotonic_ms: () => clock.monotonic_ms(),
    });
    const book = new DeviceBook(wire, clock, log);
    this.#releases.unshift(() => book.stop());
    await book.start();
    const client = new CommandClient(wire, normaliseId(mqtt.username ?? 'guaita') ?? 'guaita');
    this.#releases.unshift(() => client.stop());
    await client.start();
    const proxy = new MqttProxy({ monitor, base: wire.base, mqtt, log });
    this.#releases.unshift(() => proxy.stop());
    proxy.start();
    const page = new PageFiles(this.#options.page);
    if (!(await page.load()))
      log.warn(`there is no page in ${this.#options.page}: build it with "npm start"; the API is there`);
    const routes = withDocument([
      ...sessionRoutes(door, { monitor, base: wire.base }),
      ...deviceRoutes(book),
      ...historyRoutes({ history, book, now_ms: () => clock.now_ms() }),
      sparkRoute(history, () => clock.now_ms()),
      ...commandRoutes({ wire, client, freeNames: door.localOnly }),
    ]);
    const metrics = new HttpMetrics(registry);
    this.#releases.unshift(() => metrics.remove());
    const app = await makeApplication({ routes, door, page, metrics, stopping: this.#stopping.signal, log });
    this.#releases.unshift(() => app.close());
    this.#releases.unshift(http.serve(partOf({ app, door, proxy, metrics, log })));
    if (door.localOnly)
      log.info('no tokens: only this host may see the page and use the API; "guaita token" makes one');
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HttpProblem(503, 'this monitor is being stopped; ask again when it is back, or another'));
    for (const release of this.#releases.splice(0)) await release();
  }
}

/** The routes, and one more that describes them all. */
function withDocument(routes: readonly Route[]): readonly Route[] {
  const all: Route[] = [
    ...routes,
    route({
      method: 'GET',
      path: '/api/openapi.json',
      summary: 'This document',
      role: 'anybody',
      answer: z.looseObject({ openapi: z.literal('3.1.0') }),
      handle: () => ({ value: document }),
    }),
  ];
  const document = openapiDocument(all, VERSION);
  return all;
}

interface Parts {
  readonly app: FastifyInstance;
  readonly door: Door;
  readonly proxy: MqttProxy;
  readonly metrics: HttpMetrics;
  readonly log: MonitorContext['log'];
}

function partOf({ app, door, proxy, metrics, log }: Parts): HttpPart {
  const admit = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!isMqtt(request)) throw new HttpProblem(404, `WebSockets are at ${MQTT_PATH}`);
    door.refuseForeign(request);
    door.visitor(request);
    proxy.accept(request, socket, head);
  };
  return {
    request: (request, response) => app.routing(request, response),
    upgrade: (request, socket, head) => {
      try {
        admit(request, socket, head);
      } catch (error) {
        const { status, bytes } = problemBytes(error, log);
        metrics.answered('GET', isMqtt(request) ? MQTT_PATH : OTHERS, status, 0);
        socket.end(bytes);
      }
    },
  };
}

function isMqtt({ url }: IncomingMessage): boolean {
  return url?.split('?', 1)[0] === MQTT_PATH;
}
