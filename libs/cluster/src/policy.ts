import type { Policy } from '@guaita/model';

function nameOf({ mode, monitors_per_device, snmp_per_device }: Policy): string {
  return `${monitors_per_device} monitors per device, ${snmp_per_device} of them by SNMP, ${mode}`;
}

/** What the live monitors agree upon, and why that is not the policy of all. */
export interface Agreement {
  readonly policy: Policy;
  /** The policy in words: two policies of one name are the same. */
  readonly name: string;
  readonly problem: string | undefined;
}

/**
 * The policy that most live monitors have been given; of several that are equally frequent, the greatest by their text:
 * so all choose alike. Two policies at work at once would be two plans, and devices would go to and fro.
 */
export function agree(own: Policy, others: Iterable<Policy>): Agreement {
  const votes = new Map<string, { policy: Policy; count: number }>();
  for (const policy of [own, ...others]) {
    const name = nameOf(policy);
    const vote = votes.get(name) ?? { policy, count: 0 };
    vote.count += 1;
    votes.set(name, vote);
  }
  const ranked = [...votes].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? 1 : -1));
  const [name, { policy }] = ranked[0] as (typeof ranked)[number];
  if (ranked.length === 1) return { policy, name, problem: undefined };
  const list = ranked.map(([each, { count }]) => `${count} × (${each})`).join(', ');
  return {
    policy,
    name,
    problem: `the monitors have different policies: ${list}; all follow (${name}): give all the same`,
  };
}
