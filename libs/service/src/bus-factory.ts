import type { Bus, WillSource } from '@guaita/bus';
import type { Logger } from 'pino';
import type { CommonConfig } from './config/common.ts';

/** A connection that somebody needs. */
export interface BusRequest {
  readonly mqtt: CommonConfig['mqtt'];
  readonly clientId: string;
  /** Left out by those who only look on. */
  readonly will?: WillSource;
  /** Seconds without a sign of life after which the broker takes the connection for dead, times one and a half. */
  readonly keepalive_s: number;
  /** Waits also where the broker refuses it, since others do its work meanwhile. */
  readonly patient?: boolean;
  /** For how long the broker keeps the session while the client is away; not at all by default. */
  readonly kept_s?: number;
  readonly log: Logger;
}

/** Makes connections: to a broker in production, to a twin in tests. */
export type BusFactory = (request: BusRequest) => Bus;
