import type { OutgoingMessage } from './bus.ts';

export type BusLog = (level: 'info' | 'warn' | 'error', message: string) => void;

export interface BusOptions {
  /** How many messages wait at most. The default has room for two topics of each of 100,000 devices, and a half more. */
  readonly outboxLimit?: number;
  /**
   * How many topics' newest state is remembered to be said again after a reconnection. Default as `outboxLimit`; 0 for
   * those who see to that themselves.
   */
  readonly stateLimit?: number;
  /**
   * Goes on trying where the broker refuses us at the first connection, until somebody has changed something there, for
   * connections that a process can do without for a while. Default: `start` fails.
   */
  readonly patient?: boolean;
  /** How long a measurement may wait for company before it is sent. */
  readonly gather_ms?: number;
  /** How long the broker's answer to a subscription is waited for. */
  readonly answer_ms?: number;
  /** The pauses before connecting again, doubling from the first to the longest. */
  readonly retry?: { readonly first_ms: number; readonly most_ms: number };
  /** Told of each message that the broker refuses. */
  readonly onRejected?: (message: OutgoingMessage, reason: string) => void;
  /** Told of what the bus mends by itself. Default: process warnings. */
  readonly log?: BusLog;
  /** Milliseconds that never go back. */
  readonly monotonic_ms?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}
