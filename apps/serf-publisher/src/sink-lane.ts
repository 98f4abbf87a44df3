import { backoff } from '@guaita/bus';
import type { Clock, Timer } from '@guaita/service';
import type { PublishedService } from './services/published-service.ts';
import type { LeftOut, Sink } from './sinks/sink.ts';

/** A sink, and so long after it told it tells the same again, and so mends what was lost meanwhile; `Infinity`: never. */
export interface RepeatedSink {
  readonly sink: Sink;
  readonly repeat_ms: number;
}

export interface SinkLaneOptions extends RepeatedSink {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Told each time that it told all there is. */
  readonly onTold: (leftOut: readonly LeftOut[]) => void;
  /** Told each time that it could not; it is tried again. */
  readonly onFailure: (error: Error) => void;
}

const FIRST_PAUSE_ms = 200;
/** Below the five seconds within which others should know what runs here. */
const MOST_PAUSE_ms = 3_000;

/** Lets one sink tell the newest there is, one time after the other, whatever becomes of the other sinks. */
export class SinkLane {
  readonly #options: SinkLaneOptions;
  #newest: { readonly services: readonly PublishedService[]; readonly complete: boolean } | undefined;
  #pauses: Generator<number, never>;
  #working: Promise<void> | undefined;
  #again = false;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: SinkLaneOptions) {
    this.#options = options;
    this.#pauses = this.#freshPauses();
  }

  /** Tells this from now on. While it fails, or tells something older, that is waited for. */
  offer(services: readonly PublishedService[], complete: boolean): void {
    this.#newest = { services, complete };
    this.#work();
  }

  /** Tells the same again, at once: what was told may be lost, or can be told now. */
  again(): void {
    if (this.#newest === undefined) return;
    this.#timer?.cancel();
    this.#work();
  }

  /** Ends what it tells right now, and tells nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #work(): void {
    this.#again = true;
    this.#working ??= this.#run();
  }

  async #run(): Promise<void> {
    const { sink, repeat_ms, onTold, onFailure } = this.#options;
    while (this.#again && !this.#stopped && this.#newest !== undefined) {
      this.#again = false;
      this.#timer?.cancel();
      const { services, complete } = this.#newest;
      try {
        onTold(await sink.publish(services, complete));
        this.#pauses = this.#freshPauses();
        this.#wakeAfter(repeat_ms);
      } catch (error) {
        onFailure(error instanceof Error ? error : new Error(String(error)));
        await this.#pause(this.#pauses.next().value);
        this.#again = true;
      }
    }
    this.#working = undefined;
  }

  #wakeAfter(ms: number): void {
    if (!this.#stopped && ms !== Infinity) this.#timer = this.#options.clock.after(ms, () => this.#work());
  }

  /** Waits, at most until it is stopped. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stopped) return resolve();
      const timer = this.#options.clock.after(ms, resolve);
      this.#timer = {
        cancel: () => {
          timer.cancel();
          resolve();
        },
      };
    });
  }

  #freshPauses(): Generator<number, never> {
    return backoff({ first_ms: FIRST_PAUSE_ms, most_ms: MOST_PAUSE_ms, random: this.#options.random });
  }
}
