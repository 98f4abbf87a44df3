import type { MonitorContext, Timer } from '@guaita/service';
import type { Announcer, Learned } from './announcer.ts';
import type { Voice } from './voice.ts';

/**
 * What a former run said is taken away only when all there is to know must be known: assign tells of 35,000 devices
 * within seconds.
 */
const SETTLED_AFTER_ms = 15_000;
/** A broker that refuses something may be mended. */
const RETRY_ms = 2_000;

export interface TakeoverOptions {
  readonly context: MonitorContext;
  readonly announcer: Announcer;
  readonly voices: readonly Voice[];
  /** Told what the broker keeps of what was said before, right before anything is said. */
  readonly learned: (learned: Learned) => void;
  /** It is spoken from now on. */
  readonly begun: () => void;
}

/** Takes the turn to speak when it is this monitor's, once it knows what was said before; gives it up when it is not. */
export class Takeover {
  readonly #options: TakeoverOptions;
  #retryTimer: Timer | undefined;
  #learning = new AbortController();
  #underWay: Promise<void> | undefined;
  #spokeFrom_ms = Infinity;
  #settled = false;
  /** Others may have said what this one did not hear, or took for an echo of its own words. */
  #missed = false;
  #release: (() => void) | undefined;

  constructor(options: TakeoverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#release = this.#options.context.turn.onChange((speaks) => (speaks ? this.attempt() : this.#fallSilent()));
    this.attempt();
  }

  async stop(): Promise<void> {
    this.#release?.();
    this.#release = undefined;
    this.#retryTimer?.cancel();
    this.abandon();
    await this.#underWay;
  }

  /** Takes the turn, if it is ours and not taken yet. */
  attempt(): void {
    const { announcer, context } = this.#options;
    const isStarted = this.#release !== undefined;
    if (!isStarted || this.#underWay !== undefined || announcer.isOurs) return;
    if (!context.turn.speaks || !context.wire.bus.connected) return;
    this.#underWay = this.#learn().then((isToBeTriedAgain) => {
      this.#underWay = undefined;
      if (isToBeTriedAgain) this.attempt();
    });
  }

  /** The broker is away: what is being learnt is no use, and others speak unheard. */
  abandon(): void {
    this.#missed = true;
    this.#learning.abort();
  }

  /** @param isAnythingKnown where nothing is, assign has not said anything yet. To be called now and then. */
  sweep(isAnythingKnown: boolean): void {
    const { announcer, context, voices } = this.#options;
    if (!announcer.isOurs) return;
    // The turn may have been in doubt for a moment.
    for (const voice of voices) voice.speak();
    if (this.#settled || !isAnythingKnown) return;
    if (context.clock.monotonic_ms() < this.#spokeFrom_ms + SETTLED_AFTER_ms) return;
    this.#settled = true;
    for (const voice of voices) voice.purge();
  }

  /** Learns what was said before, then speaks. @returns whether something came in between. */
  async #learn(): Promise<boolean> {
    const { announcer, begun, context, learned, voices } = this.#options;
    const { clock, health, log, turn } = context;
    this.#learning = new AbortController();
    try {
      const heard = await announcer.learn(this.#missed, this.#learning.signal);
      if (heard === undefined || !turn.speaks) return true;
      this.#missed = false;
      learned(heard);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      log.debug({ err: error }, 'cannot take over yet');
      health.report('takeover', false, `what was said before cannot be heard, so nothing is said: ${cause}`);
      this.#retryTimer = clock.after(RETRY_ms, () => this.attempt());
      return false;
    }
    health.report('takeover', true);
    this.#settled = false;
    this.#spokeFrom_ms = clock.monotonic_ms();
    for (const voice of voices) voice.speak();
    begun();
    return false;
  }

  #fallSilent(): void {
    this.abandon();
    for (const voice of this.#options.voices) voice.fallSilent();
    this.#spokeFrom_ms = Infinity;
  }
}
