import type { MonitorContext, Timer } from '@guaita/service';

const LOOK_EVERY_ms = 500;
/** Who cannot get to know more in this time tells what it knows: nobody else does. */
const LONGEST_ms = 30_000;

export interface AudienceTurnOptions {
  readonly context: Pick<MonitorContext, 'turn' | 'clock'>;
  /** Whether what is known here of the others is of now. */
  readonly isAbreast: () => boolean;
  readonly speak: () => void;
  readonly fallSilent: () => void;
}

/**
 * When this monitor tells the broker's audience who watches what. Who was away, and has its turn again because it is the
 * lowest, knows what was when it left: its successor's words stand until it has heard what has become of that.
 */
export class AudienceTurn {
  readonly #options: AudienceTurnOptions;
  #timer: Timer | undefined;
  #release: (() => void) | undefined;
  #since_ms = 0;
  #tells = false;

  constructor(options: AudienceTurnOptions) {
    this.#options = options;
  }

  /** To be asked right before anything is told. */
  get speaks(): boolean {
    return this.#tells && this.#options.context.turn.speaks;
  }

  start(): void {
    const { turn } = this.#options.context;
    this.#release = turn.onChange((isOurs) => (isOurs ? this.#begin() : this.#end()));
    if (turn.speaks) this.#begin();
  }

  stop(): void {
    this.#release?.();
    this.#timer?.cancel();
  }

  #begin(): void {
    this.#timer?.cancel();
    this.#since_ms = this.#options.context.clock.monotonic_ms();
    this.#look();
  }

  #look(): void {
    const { context, isAbreast, speak } = this.#options;
    const { clock, turn } = context;
    this.#tells = turn.speaks && (isAbreast() || clock.monotonic_ms() >= this.#since_ms + LONGEST_ms);
    if (this.#tells) speak();
    else this.#timer = clock.after(LOOK_EVERY_ms, () => this.#look());
  }

  #end(): void {
    this.#timer?.cancel();
    this.#tells = false;
    this.#options.fallSilent();
  }
}
