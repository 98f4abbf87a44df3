import type { Effect, Link, Member, Now } from '@guaita/cluster';
import type { Clock, Timer } from '@guaita/service';

/** What is left to do of a member's effects when the links have said theirs. */
export type LocalEffect = Exclude<Effect, { kind: 'say' }>;

export interface RunnerOptions {
  readonly member: Member;
  readonly links: readonly Link[];
  readonly clock: Clock;
  /** Does one effect. They come in their order, and an incarnation has to be on disk when this returns. */
  readonly apply: (effect: LocalEffect) => void;
}

/** Gives a member what comes in over its links and from its host, wakes it when something is due, does what it wants. */
export class ClusterRunner {
  readonly #options: RunnerOptions;
  readonly #links: ReadonlyMap<string, Link>;
  #timer: Timer | undefined;
  #turn: NodeJS.Immediate | undefined;
  readonly #waiting: (() => void)[] = [];
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#links = new Map(options.links.map((link) => [link.name, link]));
  }

  async start(signal: AbortSignal): Promise<void> {
    this.tell((member, now) => member.start(now));
    for (const link of this.#options.links) {
      await link.start(
        {
          heard: (message, stored) => this.tell((member, now) => member.heard(link.name, message, stored, now)),
          connected: (connected) => this.tell((member, now) => member.connected(link.name, connected, now)),
        },
        signal,
      );
    }
  }

  /** Tells the member something. What comes in together is worked on together, a moment later. */
  tell(input: (member: Member, now: Now) => void): void {
    if (this.#stopped) return;
    input(this.#options.member, this.#now());
    this.#turn ??= setImmediate(() => this.#work());
  }

  /** Resolves when all that was told before has been worked on. */
  worked(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#turn === undefined) resolve();
      else this.#waiting.push(resolve);
    });
  }

  /** Says goodbye over all links. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    clearImmediate(this.#turn);
    for (const resolve of this.#waiting.splice(0)) resolve();
    await Promise.all(this.#options.links.map((link) => link.stop()));
  }

  #now(): Now {
    const { clock } = this.#options;
    return { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.now_ms() };
  }

  #work(): void {
    const { member, clock } = this.#options;
    this.#timer?.cancel();
    // Cleared first: what the effects bring about is told, and worked on next time.
    this.#turn = undefined;
    const now = this.#now();
    member.advance(now);
    for (const effect of member.effects()) this.#do(effect);
    for (const resolve of this.#waiting.splice(0)) resolve();
    const delay_ms = member.nextDeadline_ms - now.monotonic_ms;
    if (Number.isFinite(delay_ms)) this.#timer = clock.after(Math.max(0, delay_ms), () => this.#work());
  }

  #do(effect: Effect): void {
    if (effect.kind !== 'say') {
      this.#options.apply(effect);
      return;
    }
    const { message, links } = effect;
    for (const link of links === undefined ? this.#links.values() : links.map((name) => this.#links.get(name)))
      link?.say(message);
  }
}
