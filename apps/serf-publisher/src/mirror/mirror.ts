import type { Member } from '@guaita/serf';
import { SERVICES_TAG } from '../tag/plan-tag.ts';
import { named, toldOf, type MirroredMember } from './mirrored-member.ts';
import { servicesOf, type MirroredService, type TagReading } from './members-services.ts';

/** What MQTT shall say of the cluster. */
export interface Reflection {
  readonly members: readonly MirroredMember[];
  /** Of members that are alive. No two have one type and name. */
  readonly services: readonly MirroredService[];
  /** What is not told, for people: the thing, the cause, and the mend. */
  readonly remarks: readonly string[];
}

/** Some tens of services on each of a hundred nodes; a page that shows more is of no use to anybody. */
const SERVICES_MOST = 4_096;

/** What others put into their tags should not fill our log. */
const REMARKS_MOST = 20;

/** Works out what MQTT shall say of Serf's members. It remembers since when each is as it is, and what it has read. */
export class Mirror {
  #since: ReadonlyMap<string, { readonly status: string; readonly at: string }> = new Map();
  #readings: ReadonlyMap<string, { readonly tag: string; readonly reading: TagReading }> = new Map();

  /**
   * Takes all members that the agent knows.
   *
   * @param self the name of this host's agent.
   * @param at the time, for people.
   */
  reflect(members: readonly Member[], self: string, at: string): Reflection {
    const { members: all, remarks } = named(members);
    const since = new Map<string, { status: string; at: string }>();
    const readings = new Map<string, { tag: string; reading: TagReading }>();
    const mirrored: MirroredMember[] = [];
    for (const { id, member } of all) {
      const before = this.#since.get(id);
      const lasting = before?.status === member.status ? before : { status: member.status, at };
      since.set(id, lasting);
      const told = toldOf(member, lasting.at);
      if (told !== undefined) mirrored.push({ id, member: told });
      const tag = member.tags.get(SERVICES_TAG);
      if (member.status !== 'alive' || tag === undefined || tag === '') continue;
      const known = this.#readings.get(id);
      const speaker = { id, name: member.name, isSelf: member.name === self };
      readings.set(id, known?.tag === tag ? known : { tag, reading: servicesOf(speaker, tag) });
    }
    this.#since = since;
    this.#readings = readings;
    const allRead = [...readings.values()].map(({ reading }) => reading);
    const { services, passedOver } = together(allRead);
    const amiss = [...remarks, ...passedOver, ...allRead.flatMap((reading) => reading.remarks)];
    return { members: mirrored, services, remarks: inShort(amiss) };
  }
}

function inShort(remarks: readonly string[]): readonly string[] {
  if (remarks.length <= REMARKS_MOST) return remarks;
  return [...remarks.slice(0, REMARKS_MOST), `and ${remarks.length - REMARKS_MOST} remarks more`];
}

/** All services, of which none takes another's place. */
function together(readings: readonly TagReading[]): { services: MirroredService[]; passedOver: string[] } {
  const services = new Map<string, MirroredService>();
  const passedOver: string[] = [];
  for (const each of readings.flatMap((reading) => reading.services)) {
    const key = `${each.type}/${each.name}`;
    const rival = services.get(key)?.service.node;
    if (rival === undefined) services.set(key, each);
    else passedOver.push(`Serf member "${each.service.node}": its service ${key} is called as one of "${rival}"`);
  }
  const all = [...services.values()];
  if (all.length > SERVICES_MOST) {
    passedOver.push(`Serf's members tell of ${all.length} services, of which ${SERVICES_MOST} are told on`);
  }
  return { services: all.slice(0, SERVICES_MOST), passedOver };
}
