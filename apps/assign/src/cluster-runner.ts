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

/**
 * What is heard within this time is worked on together: each of 60 monitors beats every second, each new claim is
 * followed by what is seen of its device, and each turn costs a look at all of them. Who dies is found dead by a
 * deadline, not by a message, so no takeover waits for this.
 */
const GATHER_ms = 200;

/**
 * A turn that took longer, or came so much later than it was due, may have left input waiting: Node reads at most 64 KB
 * of a connection between two timers, and beats are among it.
 */
const LONG_ms = 50;
/** So many rounds of the event loop without input: all that waited has come in (a connection resumes a round later). */
const QUIET_ROUNDS = 3;
/** Our own beat must not wait for longer. */
const CATCH_UP_ms = 500;
/** Who cannot keep up for so long judges by what it has heard: somebody may really be dead. */
const BEHIND_LIMIT_ms = 10_000;

/** Gives a member what comes in over its links and from its host, wakes it when something is due, does what it wants. */
export class ClusterRunner {
  readonly #options: RunnerOptions;
  readonly #links: ReadonlyMap<string, Link>;
  #timer: Timer | undefined;
  /** When the timer is due. */
  #due_ms = Infinity;
  #turn: NodeJS.Immediate | undefined;
  /** Lets in what has waited; no turn is taken by itself meanwhile. */
  #catchingUp: NodeJS.Immediate | undefined;
  #inputs = 0;
  #behindSince_ms: number | undefined;
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
          heard: (message, stored) => this.tellSoon((member, now) => member.heard(link.name, message, stored, now)),
          connected: (connected, session) =>
            this.tell((member, now) => member.connected(link.name, connected, now, session)),
        },
        signal,
      );
    }
  }

  /** Tells the member something that is to be worked on as soon as all that comes in together has come. */
  tell(input: (member: Member, now: Now) => void): void {
    if (this.#stopped) return;
    input(this.#options.member, this.#now());
    this.#turn ??= setImmediate(() => this.#work());
  }

  /** Tells the member something that can wait a moment for more of its kind. */
  tellSoon(input: (member: Member, now: Now) => void): void {
    if (this.#stopped) return;
    this.#inputs += 1;
    const now = this.#now();
    input(this.#options.member, now);
    if (this.#turn !== undefined || this.#catchingUp !== undefined) return;
    const turn_ms = now.monotonic_ms + GATHER_ms;
    if (turn_ms < this.#due_ms) this.#wake(turn_ms);
  }

  /** Works when it is time, at the latest. */
  #wake(at_ms: number): void {
    this.#timer?.cancel();
    const { monotonic_ms } = this.#now();
    this.#due_ms = Math.max(at_ms, monotonic_ms);
    if (!Number.isFinite(at_ms)) return;
    this.#timer = this.#options.clock.after(this.#due_ms - monotonic_ms, () => {
      if (this.#now().monotonic_ms > this.#due_ms + LONG_ms) this.#catchUp();
      else this.#work();
    });
  }

  /** Lets in what has waited, for a while, before the next turn: else who lives and was not heard yet would be dead. */
  #catchUp(): void {
    const from_ms = this.#now().monotonic_ms;
    this.#behindSince_ms ??= from_ms;
    let quiet = 0;
    let inputs = this.#inputs;
    const round = (): void => {
      quiet = this.#inputs === inputs ? quiet + 1 : 0;
      inputs = this.#inputs;
      if (quiet < QUIET_ROUNDS && this.#now().monotonic_ms < from_ms + CATCH_UP_ms) {
        this.#catchingUp = setImmediate(round);
        return;
      }
      this.#catchingUp = undefined;
      if (quiet >= QUIET_ROUNDS) this.#behindSince_ms = undefined;
      this.#wake(this.#options.member.nextDeadline_ms);
    };
    this.#catchingUp = setImmediate(round);
  }

  /** Resolves when all that was told before has been worked on. */
  worked(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#turn === undefined) resolve();
      else this.#waiting.push(resolve);
    });
  }

  /** Works on what was told, then says goodbye over all links. */
  async stop(): Promise<void> {
    // Somebody may have been promised that it will be on disk.
    if (this.#turn !== undefined) this.#work();
    this.#stopped = true;
    this.#timer?.cancel();
    clearImmediate(this.#turn);
    clearImmediate(this.#catchingUp);
    for (const resolve of this.#waiting.splice(0)) resolve();
    await Promise.all(this.#options.links.map((link) => link.stop()));
  }

  #now(): Now {
    const { clock } = this.#options;
    return { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.now_ms() };
  }

  #work(): void {
    const { member } = this.#options;
    // Cleared first: what the effects bring about is told, and worked on next time.
    this.#timer?.cancel();
    clearImmediate(this.#turn);
    clearImmediate(this.#catchingUp);
    this.#turn = this.#catchingUp = undefined;
    const now = this.#now();
    const behindSince_ms = this.#behindSince_ms ?? -Infinity;
    member.advance(now, now.monotonic_ms < behindSince_ms + BEHIND_LIMIT_ms);
    for (const effect of member.effects()) this.#do(effect);
    for (const resolve of this.#waiting.splice(0)) resolve();
    const took_ms = this.#now().monotonic_ms - now.monotonic_ms;
    if (took_ms > LONG_ms || this.#behindSince_ms !== undefined) this.#catchUp();
    else this.#wake(member.nextDeadline_ms);
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
