import { Wire } from '@guaita/bus';
import type { PayloadError } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import type { z } from 'zod';
import type { BusFactory } from '../bus-factory.ts';
import type { Clock } from '../clock.ts';
import type { CommonConfig } from '../config/common.ts';
import type { HealthBoard } from '../health-board.ts';
import { Health } from '../health.ts';
import type { HttpPlace } from '../http/part.ts';
import { holdFolder, type HeldFolder } from '../lock/folder-lock.ts';
import type { BusMetrics } from '../metrics.ts';
import type { MonitorContext, Service, ServiceDefinition } from '../service.ts';
import { Election } from './election.ts';
import { InvalidMessages } from './invalid-messages.ts';
import { presenceWill, sayPresence, sayStatus, statusWill, type Speaker } from './presence.ts';
import { StopError, within } from './stop.ts';

/** What the services of one process share. */
export interface Surroundings {
  readonly common: CommonConfig;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly busMetrics: BusMetrics;
  readonly invalidMessages: Counter;
  readonly health: HealthBoard;
  readonly http: HttpPlace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly makeBus: BusFactory;
}

/** A service that does its work. */
export interface RunningService {
  readonly name: Id;
  readonly wire: Wire;
  /** @throws {StopError} when a part did not end in time; everything else has been released then. */
  stop(): Promise<void>;
}

/** Other services fall silent for us 4 s after our last sign (architecture: one speaker a topic): 2 s × 1.5 is below. */
const PRESENCE_KEEPALIVE_S = 2;
/** Long enough not to wake a Pi's radio for nothing, short enough that a dead host's `offline` comes within 45 s. */
const STATUS_KEEPALIVE_S = 30;
/** Service, goodbye and connections in turn stay below the 10 s after which a process gives up, also at their worst. */
const SERVICE_STOP_MS = 4_000;
const GOODBYE_MS = 1_000;
/** For the outbox, and as much again for the connection's own goodbye. */
const BUS_STOP_MS = 1_500;
const CONNECTIONS_STOP_MS = 2 * BUS_STOP_MS + 500;
/** A broker on the same host answers at once; after this the wait is worth a line in the log. */
const CONNECT_WARNING_MS = 5_000;

/**
 * Starts one service: holds its data folder, connects it, lets it start, then says that it is online.
 *
 * @throws whatever kept it from starting; all that was acquired has been released by then.
 */
export async function startService<Schema extends z.ZodType>(
  definition: ServiceDefinition<Schema>,
  config: z.output<Schema>,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<RunningService> {
  const { name } = definition;
  const { common, clock, random, makeBus, metrics } = surroundings;
  const log = surroundings.log.child({ service: name });
  const health = new Health((part, { ok, detail }) => {
    if (ok) log.info({ part }, `${part} is well again`);
    else log.warn({ part }, `${part}: ${detail}`);
  });
  const speaker: Speaker = { base: common.base, monitor: common.monitor, service: name, instance: instanceId(random) };
  const lastingId = `${common.base.replaceAll('/', '-')}-${common.monitor}-${name}`;
  const clientId = `${lastingId}-${speaker.instance}`;
  const bus = makeBus({
    mqtt: common.mqtt,
    clientId,
    will: statusWill(speaker, clock.now_ms()),
    keepalive_s: STATUS_KEEPALIVE_S,
    log,
  });
  const presenceBus = makeBus({
    mqtt: common.mqtt,
    clientId: `${clientId}-presence`,
    will: presenceWill(speaker),
    keepalive_s: PRESENCE_KEEPALIVE_S,
    log,
  });
  const invalid = new InvalidMessages(common.base, clock, log);
  const onInvalid = (error: PayloadError): void => {
    surroundings.invalidMessages.inc({ service: name });
    invalid.note(error);
  };
  const wire = new Wire(bus, onInvalid, common.base);
  const presenceWire = new Wire(presenceBus, onInvalid, common.base);
  const election = new Election(presenceWire, speaker, clock, () => bus.sever('the broker may not hear us any more'));

  // Released in the opposite order, each step whatever became of the others.
  const releases: { readonly what: string; readonly limit_ms: number; readonly run: () => Promise<void> }[] = [];
  const acquired = (what: string, limit_ms: number, run: () => Promise<void>): void => {
    releases.unshift({ what: `${name}: ${what}`, limit_ms, run });
  };
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const { what, limit_ms, run } of releases.splice(0)) {
      try {
        await within(limit_ms, what, run());
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new StopError(failures);
  };

  try {
    surroundings.health.add(name, health);
    acquired('health', GOODBYE_MS, async () => surroundings.health.remove(name));
    const folder: HeldFolder = await holdFolder(common.data, name, common.monitor);
    acquired('data folder', GOODBYE_MS, () => folder.release());
    acquired('connections', CONNECTIONS_STOP_MS, async () => {
      await Promise.all([bus.stop(BUS_STOP_MS), presenceBus.stop(BUS_STOP_MS)]);
    });
    surroundings.busMetrics.add(name, bus);
    acquired('metrics', GOODBYE_MS, async () => surroundings.busMetrics.remove(name));
    const tell = (connected: boolean): void => {
      const detail = `not connected to ${common.mqtt.url}; start a broker there, or name another with --broker`;
      health.report('broker', connected, connected ? '' : detail);
    };
    const unwatch = bus.onConnection(tell);
    acquired('health of the connection', GOODBYE_MS, async () => unwatch());

    const warning = clock.after(CONNECT_WARNING_MS, () => tell(bus.connected));
    try {
      await Promise.all([bus.start(signal), presenceBus.start(signal)]);
    } finally {
      warning.cancel();
    }

    const context: MonitorContext = {
      ...{ monitor: common.monitor, site: common.site, tags: common.tags, dataDir: folder.path },
      ...{ wire, clock, random, log, metrics, health, turn: election, mqtt: common.mqtt, http: surroundings.http },
      connect: ({ purpose, ...request }) => {
        const id = request.kept_s === undefined ? clientId : lastingId;
        return makeBus({ ...request, mqtt: common.mqtt, clientId: `${id}-${purpose}`, log });
      },
    };
    const service: Service = await definition.create(context, config);
    let goodbye = async (): Promise<void> => undefined;
    acquired('goodbye', GOODBYE_MS, () => goodbye());
    acquired('stop', SERVICE_STOP_MS, () => service.stop());
    await service.start(signal);
    signal.throwIfAborted();

    // Online is said last, so that who hears it can count on the service; and taken back after its last words.
    goodbye = await sayStatus(wire, speaker, clock);
    const leave = sayPresence(presenceWire, speaker, clock, () => election.isPreferred);
    acquired('presence', GOODBYE_MS, async () => leave());
    acquired('turn', GOODBYE_MS, () => election.stop());
    await election.start();
  } catch (error) {
    await stop().catch((failure: unknown) => log.error({ err: failure }, 'could not release everything'));
    throw error;
  }
  surroundings.health.started(name);
  log.info({ monitor: common.monitor, instance: speaker.instance }, 'started');
  return { name, wire, stop };
}

/** 60 random bits: two instances of one service never meet in a lifetime of restarts. */
function instanceId(random: () => number): Id {
  return Array.from({ length: 12 }, () => Math.floor(random() * 32).toString(32)).join('');
}
