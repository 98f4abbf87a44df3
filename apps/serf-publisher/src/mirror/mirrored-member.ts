import type { SerfMember } from '@guaita/messages';
import { normaliseId, type Id } from '@guaita/model';
import type { Member } from '@guaita/serf';
import { compareTexts } from '../services/published-service.ts';
import { onOneLine } from '../services/names.ts';
import { SERVICES_TAG } from '../tag/plan-tag.ts';

/** A member of the cluster as MQTT is told of it. */
export interface MirroredMember {
  /** Under which it is told. */
  readonly id: Id;
  readonly member: SerfMember;
}

/** Those that are told, with what Serf says of each, and what stands against the others. */
export interface Named {
  readonly members: readonly { readonly id: Id; readonly member: Member }[];
  readonly remarks: readonly string[];
}

/** More than any community network has; who sends so many names of members means no good. */
const MEMBERS_MOST = 4_096;

/**
 * Gives each member an id. Of members whose names make one id those that are alive go before others, and then the one whose
 * name is the id itself, or else comes first.
 */
export function named(members: readonly Member[]): Named {
  const remarks: string[] = [];
  const told = new Map<Id, Member>();
  for (const member of members.toSorted(byPrecedence)) {
    const name = JSON.stringify(onOneLine(member.name));
    const id = normaliseId(member.name);
    const rival = id === undefined ? undefined : told.get(id);
    if (id === undefined) {
      remarks.push(`Serf member ${name}: nothing of its name can stand in an id; it is not told of; rename its agent`);
    } else if (rival !== undefined) {
      const other = JSON.stringify(onOneLine(rival.name));
      remarks.push(
        `Serf member ${name}: its id ${id} is that of ${other}, which is told of instead; rename one of them`,
      );
    } else if (told.size < MEMBERS_MOST) told.set(id, member);
  }
  if (members.length > MEMBERS_MOST) {
    remarks.push(
      `Serf has ${members.length} members, of which ${MEMBERS_MOST} are told of; look who sends all these names`,
    );
  }
  return { members: [...told].map(([id, member]) => ({ id, member })), remarks };
}

/** What is told of a member; nothing for one of which Serf itself does not know how it is (`none`). */
export function toldOf(member: Member, since: string): SerfMember | undefined {
  const { address, port, status } = member;
  if (status !== 'alive' && status !== 'leaving' && status !== 'left' && status !== 'failed') return undefined;
  const tags = [...member.tags].filter(([name]) => name !== SERVICES_TAG && name !== '__proto__');
  const sorted = tags.sort(([one], [other]) => compareTexts(one, other));
  return { name: onOneLine(member.name), address, port, status, since, tags: Object.fromEntries(sorted) };
}

function byPrecedence(one: Member, other: Member): number {
  const rank = ({ name, status }: Member): number =>
    (status === 'alive' ? 0 : 2) + (normaliseId(name) === name ? 0 : 1);
  return rank(one) - rank(other) || compareTexts(one.name, other.name);
}
