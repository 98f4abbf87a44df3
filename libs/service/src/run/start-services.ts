import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { BusFactory } from '../bus-factory.ts';
import { connectBus } from '../connect-bus.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { Config } from '../config/parse.ts';
import { HealthBoard } from '../health-board.ts';
import { HttpEndpoint } from '../http/endpoint.ts';
import { BusMetrics, createMetrics } from '../metrics.ts';
import type { ServiceDefinition } from '../service.ts';
import { startService, type RunningService, type Surroundings } from './start-service.ts';
import { stopAll } from './stop.ts';

export interface StartOptions {
  readonly log: Logger;
  /** Default: connections to the broker of the configuration. */
  readonly makeBus?: BusFactory;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly metrics?: Registry;
}

/** The services of one process and their endpoint for `/metrics` and `/healthz`. */
export interface RunningServices {
  readonly services: readonly RunningService[];
  readonly httpPort: number;
  /**
   * Stops them side by side, so that they take no longer than the slowest of them.
   *
   * @throws {StopError} when something did not end in time.
   */
  stop(): Promise<void>;
}

/**
 * Starts services in order, and before them the endpoint, which so can tell what they wait for.
 *
 * @throws what kept one from starting; those started before it have been stopped by then.
 */
export async function startServices(
  definitions: readonly ServiceDefinition[],
  config: Config,
  options: StartOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<RunningServices> {
  const { log, makeBus = connectBus, clock = systemClock, random = Math.random, metrics = createMetrics() } = options;
  const health = new HealthBoard();
  const endpoint = new HttpEndpoint({ config: config.common.http, metrics, health, clock, log });
  const surroundings: Surroundings = {
    common: config.common,
    log,
    metrics,
    busMetrics: new BusMetrics(metrics),
    invalidMessages: new Counter({
      name: 'guaita_invalid_messages_total',
      help: 'Messages that broke the wire contract and were passed over',
      labelNames: ['service'],
      registers: [metrics],
    }),
    health,
    http: endpoint,
    clock,
    random,
    makeBus,
  };
  for (const { name } of definitions) health.expect(name);
  const services: RunningService[] = [];
  const stop = (): Promise<void> => stopAll([...services.splice(0), endpoint]);

  await endpoint.start();
  const httpPort = endpoint.port ?? config.common.http.port;
  const { cert_file, host } = config.common.http;
  const scheme = cert_file === undefined ? 'http' : 'https';
  log.info(`metrics and health at ${scheme}://${host}:${httpPort}/metrics and /healthz`);
  try {
    for (const definition of definitions) {
      services.push(await startService(definition, config.sections[definition.name], surroundings, signal));
    }
  } catch (error) {
    await stop().catch((failure: unknown) => log.error({ err: failure }, 'could not release everything'));
    throw error;
  }
  return { services: [...services], httpPort, stop };
}
