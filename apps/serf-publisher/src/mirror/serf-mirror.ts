import { channels } from '@guaita/messages';
import type { Clock, RetainedKeeper, Timer } from '@guaita/service';
import { Membership, type MembershipAgent } from './membership.ts';
import type { MirroredService } from './members-services.ts';
import { Mirror, type Reflection } from './mirror.ts';

export interface SerfMirrorOptions {
  readonly agent: MembershipAgent;
  readonly clock: Clock;
  /** Of all topics of channel `serfMember`; started and stopped by who made it. */
  readonly keeper: Pick<RetainedKeeper, 'replace' | 'purge'>;
  readonly base: string;
  /** Takes the services of all other nodes, in place of those before. */
  readonly onServices: (services: readonly MirroredService[]) => void;
  /** The agent may not have the tag any more that it was given: it has restarted, or somebody changed it. */
  readonly onTagLost: () => void;
  /** Whether the agent answers, or has not done so for longer than it takes to start anew. */
  readonly onAnswers: (answers: boolean) => void;
  /** What is not told at present, for people; nothing when all is well. */
  readonly onTrouble: (remarks: readonly string[]) => void;
}

/** An agent that is restarted answers again after a second or two; a loaded Pi takes some more. */
const SILENT_AFTER_ms = 10_000;

/**
 * Tells on MQTT who is in the Serf cluster, on `serf/member/<name>`, for as long as the agent answers; and hands on the
 * services that they tell of.
 */
export class SerfMirror {
  readonly #options: SerfMirrorOptions;
  readonly #membership: Membership;
  readonly #mirror = new Mirror();
  #silence: Timer | undefined;

  constructor(options: SerfMirrorOptions) {
    this.#options = options;
    this.#membership = new Membership(options);
  }

  start(): void {
    const { clock, onTagLost, onServices, onAnswers, onTrouble } = this.#options;
    this.#membership.start({
      ownTagsMayDiffer: onTagLost,
      has: (members, self) => {
        const reflection = this.#mirror.reflect(members, self, new Date(clock.now_ms()).toISOString());
        this.#say(reflection.members);
        onServices(reflection.services);
        this.#silence?.cancel();
        this.#silence = undefined;
        onAnswers(true);
        onTrouble(reflection.remarks);
      },
      fails: (error) => {
        // Monitors take each other for dead by it: nobody may go by what an agent once said that has ended since.
        this.#say([]);
        this.#silence ??= clock.after(SILENT_AFTER_ms, () => onAnswers(false));
        onTrouble([`Serf: ${error.message} (nothing is told of its members meanwhile; their services still stand)`]);
      },
    });
  }

  /** Tells nothing more; what was told stays. */
  stop(): Promise<void> {
    this.#silence?.cancel();
    return this.#membership.stop();
  }

  #say(members: Reflection['members']): void {
    const { keeper, base } = this.#options;
    const wanted = new Map(
      members.map(({ id, member }) => [
        channels.serfMember.topic(base, { name: id }),
        channels.serfMember.encode(member),
      ]),
    );
    keeper.replace(wanted);
    // What a former run told, or another publisher before us.
    keeper.purge();
  }
}
