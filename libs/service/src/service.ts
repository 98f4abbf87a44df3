import type { Wire } from '@guaita/bus';
import type { Id, Monitor } from '@guaita/model';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Health } from './health.ts';

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
  create(context: ServiceContext, config: z.output<Schema>): Service;
}
