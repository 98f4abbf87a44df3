import type { Bus, WillSource, Wire } from '@guaita/bus';
import type { Id, Monitor } from '@guaita/model';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Clock } from './clock.ts';
import type { CommonConfig } from './config/common.ts';
import type { Health } from './health.ts';
import type { HttpPlace } from './http/part.ts';

/**
 * What a service is given to live in: its monitor, and everything that differs between production and a test.
 */
export interface ServiceContext extends Readonly<Monitor> {
  /** A folder of this service's own, made on first use; survives restarts. */
  readonly dataDir: string;
  readonly wire: Wire;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: Health;
}

/** One more connection to this monitor's broker. */
export interface ConnectionRequest {
  /** Ends the client id; differs among the connections of a service. */
  readonly purpose: Id;
  readonly will?: WillSource;
  readonly keepalive_s: number;
  /** Waits also where the broker refuses it, since others do its work meanwhile. */
  readonly patient?: boolean;
  /**
   * For how long the broker keeps its subscriptions, and queues for them, while it is away. The client id is then the
   * same at each start of this monitor's service.
   */
  readonly kept_s?: number;
}

/** Whether this instance of a service is the one that speaks for its broker's audience. */
export interface Turn {
  /** To be asked right before anything is said. */
  readonly speaks: boolean;
  /** Calls back when it is its turn, and when no longer. The function that it gives ends that. */
  onChange(listener: (speaks: boolean) => void): () => void;
  /** The monitors on this broker of which an instance is there, as far as is known: all, while this one speaks. */
  readonly monitors: ReadonlySet<Id>;
  /** Lets this instance go before those that are not preferred, or no longer: it can tell its audience more than they. */
  prefer(isPreferred: boolean): void;
}

/** What a service is given besides that speaks for its monitor as a whole. */
export interface MonitorContext extends ServiceContext {
  /** Words by which devices choose monitors. */
  readonly tags: readonly Id[];
  /** Whether it speaks for the broker's audience, should several monitors share the broker. */
  readonly turn: Turn;
  /** Makes a connection beside the service's own; who asks for it starts and stops it. */
  connect(request: ConnectionRequest): Bus;
  /** How the monitor's broker is reached, for who passes others' bytes on to it. */
  readonly mqtt: CommonConfig['mqtt'];
  /** The HTTP port of this process. */
  readonly http: HttpPlace;
}

/** A part of a monitor. Its constructor does nothing; `start` acquires, `stop` releases. */
export interface Service {
  /** Resolves once it does its work; what goes wrong later it reports through health and log and mends itself. */
  start(signal: AbortSignal): Promise<void>;
  /** Releases everything; safe to call once after any `start`, also a failed one. */
  stop(): Promise<void>;
}

/** A section of `guaita.yaml`: its name and the schema of what stands in it. */
export interface ConfigSection<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** A strict object whose every field has a default, so that an absent section is a valid one. */
  readonly config: Schema;
}

/**
 * A service as `main.ts` and `guaita up` start it: its name, which is also its section in `guaita.yaml`, the schema of
 * that section, and how it is made.
 */
export interface ServiceDefinition<Schema extends z.ZodType = z.ZodType> extends ConfigSection<Schema> {
  readonly name: Id;
  readonly description: string;
  /** Makes it; heavy parts are loaded only now, which spares whoever starts something else. */
  create(context: MonitorContext, config: z.output<Schema>): Service | Promise<Service>;
}
