import type { Id, Policy } from '@guaita/model';
import { agree, type Agreement } from './policy.ts';
import type { Situation } from './situation.ts';

/** Who lives beside us, and what policy the living agree upon. */
export class Company {
  readonly #situation: Situation;
  readonly #own: Policy;
  #live: ReadonlySet<Id> = new Set();
  #agreement: Agreement;

  /** @param own the policy that this monitor was given */
  constructor(situation: Situation, own: Policy) {
    this.#situation = situation;
    this.#own = own;
    this.#agreement = agree(own, []);
  }

  /** What is agreed upon. The object changes when the policy does, and only then. */
  get policy(): Policy {
    return this.#agreement.policy;
  }

  /** Why the policy is not that of all. */
  get problem(): string | undefined {
    return this.#agreement.problem;
  }

  /** Follows who lives now. Gives the monitors that came or went; what they claim is touched. */
  follow(): readonly Id[] {
    const headers = new Map(this.#situation.live());
    const before = this.#live;
    const live = new Set(headers.keys());
    this.#live = live;
    const changed = [...before, ...live].filter((monitor) => before.has(monitor) !== live.has(monitor));
    for (const monitor of changed)
      for (const [device] of this.#situation.peers.claimedBy(monitor)) this.#situation.touched.add(device);
    const policies = [...headers.values()].map(({ policy }) => policy);
    const { policy, name, problem } = agree(this.#own, policies);
    this.#agreement = { policy: name === this.#agreement.name ? this.policy : policy, name, problem };
    return changed;
  }
}
