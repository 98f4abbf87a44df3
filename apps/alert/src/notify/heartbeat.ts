import type { Id } from '@guaita/model';
import type { Clock, Timer } from '@guaita/service';
import { get } from './post.ts';
import type { HeartbeatConfig } from './config.ts';

/** What heartbeats are ranked by: who is first of all for this calls. */
const WORK: Id = 'heartbeat';

export interface HeartbeatOptions {
  readonly config: NonNullable<HeartbeatConfig>;
  readonly clock: Clock;
  /** Whether all is well here, and it is this monitor that says so. */
  readonly isOurs: (work: Id) => boolean;
  readonly onCall: (trouble: string | undefined) => void;
}

/** Calls somebody outside at intervals while all is well here. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#later(0);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#stopping.abort();
  }

  #later(delay_ms: number): void {
    this.#timer = this.#options.clock.after(delay_ms, () => {
      this.#later(this.#options.config.every_s * 1000);
      if (this.#options.isOurs(WORK)) void this.#call();
    });
  }

  async #call(): Promise<void> {
    const { outcome } = await get(this.#options.config.url, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    this.#options.onCall(outcome.is === 'arrived' ? undefined : outcome.why);
  }
}
