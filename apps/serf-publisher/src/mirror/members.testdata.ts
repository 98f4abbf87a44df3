import type { Member } from '@guaita/serf';

const VERSIONS = { min: 1, max: 5, current: 5 };

/** A member that is alive, or as it is wanted. */
export function member(
  name: string,
  wanted: Partial<Omit<Member, 'tags'>> & { tags?: Record<string, string> } = {},
): Member {
  const common = { address: '10.0.0.1', port: 7946, status: 'alive', protocol: VERSIONS, delegate: VERSIONS };
  return { name, ...common, ...wanted, tags: new Map(Object.entries(wanted.tags ?? {})) };
}
