import { backoff } from '@guaita/bus';
import { pause, type Clock } from '@guaita/service';
import type { ServiceRecord } from '../services/service-record.ts';
import type { Source, SourceListener } from './source.ts';

/**
 * One go at a source: lists, tells, and follows what changes, until the source ends it (resolves), it breaks (rejects) or
 * the signal is aborted (either). It leaves nothing open.
 */
export type Session = (tell: SourceListener['has'], signal: AbortSignal) => Promise<void>;

export interface RetriedSourceOptions {
  readonly name: string;
  readonly session: Session;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** After one failure. Orchestrators that restart refuse connections for seconds, and are asked often enough so. */
const FIRST_PAUSE_ms = 200;
/** Below the five seconds within which others should know what runs here. */
const MOST_PAUSE_ms = 3_000;
/** A session that stood so long was a good one: the next pause is a short one again. */
const GOOD_AFTER_ms = 10_000;

/**
 * A source that is asked in sessions, one after the other, with pauses between them that grow while they break. Each begins
 * with a list, so that what vanished unseen is withdrawn by the next.
 */
export class RetriedSource implements Source {
  readonly name: string;
  readonly #options: RetriedSourceOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RetriedSourceOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async start(listener: SourceListener): Promise<void> {
    this.#running ??= this.#run(listener);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(listener: SourceListener): Promise<void> {
    const { session, clock, random } = this.#options;
    const { signal } = this.#stopping;
    const tell = (services: readonly ServiceRecord[], remarks?: readonly string[]): void => {
      if (!signal.aborted) listener.has(services, remarks);
    };
    const pauses = () => backoff({ first_ms: FIRST_PAUSE_ms, most_ms: MOST_PAUSE_ms, random });
    let next = pauses();
    while (!signal.aborted) {
      const began_ms = clock.monotonic_ms();
      try {
        await session(tell, signal);
      } catch (error) {
        if (signal.aborted) return;
        listener.fails(error instanceof Error ? error : new Error(String(error)));
      }
      if (clock.monotonic_ms() - began_ms >= GOOD_AFTER_ms) next = pauses();
      await pause(clock, next.next().value, signal);
    }
  }
}
