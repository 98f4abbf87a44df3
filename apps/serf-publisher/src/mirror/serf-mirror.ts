import { channels } from '@guaita/messages';
import type { Clock, RetainedKeeper } from '@guaita/service';
import { Membership, type MembershipAgent } from './membership.ts';
import type { MirroredService } from './members-services.ts';
import { Mirror, type Reflection } from './mirror.ts';

export interface SerfMirrorOptions {
  readonly agent: MembershipAgent;
  readonly clock: Clock;
  /** Of all topics of channel `serfMember`; started and stopped by who made it. */
  readonly keeper: Pick<RetainedKeeper, 'set' | 'purge'>;
  readonly base: string;
  /** Takes the services of all other nodes, in place of those before. */
  readonly onServices: (services: readonly MirroredService[]) => void;
  /** The agent may not have the tag any more that it was given: it has restarted, or somebody changed it. */
  readonly onTagLost: () => void;
  /** What is not told at present, for people; nothing when all is well. */
  readonly onTrouble: (remarks: readonly string[]) => void;
}

/**
 * Tells on MQTT who is in the Serf cluster, on `serf/member/<name>`, for as long as the agent answers; and hands on the
 * services that they tell of.
 */
export class SerfMirror {
  readonly #options: SerfMirrorOptions;
  readonly #membership: Membership;
  readonly #mirror = new Mirror();
  #topics: ReadonlySet<string> = new Set();

  constructor(options: SerfMirrorOptions) {
    this.#options = options;
    this.#membership = new Membership(options);
  }

  start(): void {
    const { clock, keeper, onTagLost, onServices, onTrouble } = this.#options;
    this.#membership.start({
      ownTagsMayDiffer: onTagLost,
      has: (members, self) => {
        const reflection = this.#mirror.reflect(members, self, new Date(clock.now_ms()).toISOString());
        this.#say(reflection.members);
        // What a former run told of who is no member any more.
        keeper.purge();
        onServices(reflection.services);
        onTrouble(reflection.remarks);
      },
      fails: (error) => {
        // Monitors take each other for dead by it: nobody may go by what an agent once said that has ended since.
        this.#say([]);
        onTrouble([`Serf: ${error.message} (nothing is told of its members meanwhile; their services still stand)`]);
      },
    });
  }

  /** Tells nothing more; what was told stays. */
  stop(): Promise<void> {
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
    for (const topic of this.#topics) if (!wanted.has(topic)) keeper.set(topic, undefined);
    for (const [topic, payload] of wanted) keeper.set(topic, payload);
    this.#topics = new Set(wanted.keys());
  }
}
