import type { EventListener, Member, SerfError, Subscription } from '@guaita/serf';
import type { Clock, Timer } from '@guaita/service';

/** What is needed of a Serf client. */
export interface MembershipAgent {
  /** The agent itself, as a member. */
  self(options: { readonly signal: AbortSignal }): Promise<{ readonly name: string }>;
  members(options: { readonly signal: AbortSignal }): Promise<readonly Member[]>;
  stream(types: string, listener: EventListener): Subscription;
}

/** Told of this host's agent and the members of its cluster. */
export interface MembershipListener {
  /**
   * The agent's own tags may be others than it was given: it answers, for the first time or again, and may be another process
   * than before, which has forgotten them; or the cluster was told of a change.
   */
  ownTagsMayDiffer(): void;
  /**
   * All members that it knows now.
   *
   * @param self its own name.
   */
  has(members: readonly Member[], self: string): void;
  /** It cannot be asked at present, and is asked again. */
  fails(error: Error): void;
}

export interface MembershipOptions {
  readonly agent: MembershipAgent;
  readonly clock: Clock;
}

const EVENTS = 'member-join,member-leave,member-failed,member-update,member-reap';

/** An agent drops events, without a word, of whom it has too many waiting: so the list is looked at now and then. */
const LOOK_ms = 60_000;

/**
 * Follows who is in the cluster. Each event has the whole list asked for, which the agent has at hand, and gathers events of
 * a second for: so nothing has to be put together from events, of which some are missed, and it is right after each list.
 */
export class Membership {
  readonly #options: MembershipOptions;
  #listener: MembershipListener | undefined;
  #stream: Subscription | undefined;
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #self: string | undefined;
  readonly #stopping = new AbortController();

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  start(listener: MembershipListener): void {
    this.#listener = listener;
    this.#stream = this.#options.agent.stream(EVENTS, {
      opened: () => {
        this.#self = undefined;
        listener.ownTagsMayDiffer();
        this.#look();
      },
      event: (event) => {
        if ('members' in event && event.members.some(({ name }) => name === this.#self)) listener.ownTagsMayDiffer();
        this.#look();
      },
      interrupted: (reason: SerfError) => listener.fails(reason),
      refused: (error) => listener.fails(error),
    });
    // Who waits for an agent that is not there is told so.
    this.#look();
  }

  /** Tells nothing more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    this.#stream?.stop();
    await this.#looking;
  }

  #look(): void {
    this.#timer?.cancel();
    this.#again = true;
    this.#looking ??= this.#run();
  }

  /** One list at a time; what happens while it is under way has another follow. */
  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#again && !signal.aborted) {
      this.#again = false;
      try {
        const { agent } = this.#options;
        const self = (this.#self ??= (await agent.self({ signal })).name);
        const members = await agent.members({ signal });
        if (!signal.aborted) this.#listener?.has(members, self);
      } catch (error) {
        // The next look is that of the next connection, or the one that is due by the clock.
        if (!signal.aborted) this.#listener?.fails(error as Error);
      }
    }
    this.#looking = undefined;
    if (!signal.aborted) this.#timer = this.#options.clock.after(LOOK_ms, () => this.#look());
  }
}
