import type { ProtocolVersions } from '../member.ts';

/** A member as the agents of a cluster know it. */
export interface DoubleMember {
  readonly name: string;
  /** The bytes of its IP address. */
  readonly address: Uint8Array;
  readonly port: number;
  tags: ReadonlyMap<string, string>;
  status: 'alive' | 'left' | 'failed';
}

export interface DoubleQuery {
  readonly name: string;
  readonly payload: Uint8Array | null;
  readonly nodes: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
}

/** What is told to an agent of its cluster, for the clients that stream. */
export type DoubleEvent =
  | { readonly type: string; readonly members: readonly DoubleMember[] }
  | {
      readonly type: 'user';
      readonly name: string;
      readonly payload: Uint8Array | null;
      readonly coalesce: boolean;
      readonly time: number;
    }
  | {
      readonly type: 'query';
      readonly name: string;
      readonly payload: Uint8Array | null;
      readonly time: number;
      respond(payload: Uint8Array | null): void;
    };

/** An agent, as its cluster sees it. */
export interface Participant {
  readonly self: DoubleMember;
  cluster: Cluster;
  tell(event: DoubleEvent): void;
}

/** What all members speak. */
export const VERSIONS: Readonly<Record<'Protocol' | 'Delegate', ProtocolVersions>> = {
  Protocol: { min: 1, max: 5, current: 2 },
  Delegate: { min: 2, max: 5, current: 5 },
};

/** A cluster whose gossip arrives everywhere at once. */
export class Cluster {
  readonly #participants = new Set<Participant>();
  readonly #members = new Map<string, DoubleMember>();
  #time = 0;

  get members(): readonly DoubleMember[] {
    return [...this.#members.values()];
  }

  /** What its events are counted by. */
  get time(): number {
    return this.#time;
  }

  /** Takes an agent in; it is told of everybody, and everybody of it. */
  enter(participant: Participant): void {
    const known = this.members.filter(({ status, name }) => status === 'alive' && name !== participant.self.name);
    this.#members.set(participant.self.name, participant.self);
    this.tell({ type: 'member-join', members: [participant.self] });
    this.#participants.add(participant);
    participant.cluster = this;
    for (const member of [...known, participant.self]) participant.tell({ type: 'member-join', members: [member] });
  }

  /** An agent is gone: it left in good order, or was lost. */
  lose(participant: Participant, how: 'left' | 'failed'): void {
    this.#participants.delete(participant);
    // What has come back under this name in the meantime is another one.
    if (this.#members.get(participant.self.name) !== participant.self) return;
    participant.self.status = how;
    this.tell({ type: how === 'left' ? 'member-leave' : 'member-failed', members: [participant.self] });
  }

  /** Takes all of another cluster in. */
  merge(other: Cluster): void {
    if (other === this) return;
    for (const participant of other.#participants) this.enter(participant);
  }

  retag(member: DoubleMember, tags: ReadonlyMap<string, string>): void {
    member.tags = tags;
    this.tell({ type: 'member-update', members: [member] });
  }

  forceLeave(name: string, prune: boolean): void {
    const member = this.#members.get(name);
    if (member?.status !== 'failed') return;
    member.status = 'left';
    this.tell({ type: 'member-leave', members: [member] });
    if (!prune) return;
    this.#members.delete(name);
    this.tell({ type: 'member-reap', members: [member] });
  }

  userEvent(name: string, payload: Uint8Array | null, coalesce: boolean): void {
    this.#time += 1;
    this.tell({ type: 'user', name, payload, coalesce, time: this.#time });
  }

  /** @param answered told of each that gets the query, and then of each response. */
  query(
    { name, payload, nodes, tags }: DoubleQuery,
    answered: { got(member: string): void; response(member: string, payload: Uint8Array | null): void },
  ): void {
    this.#time += 1;
    for (const participant of this.#participants) {
      const { self } = participant;
      const tagged = [...tags].every(([tag, pattern]) => new RegExp(pattern).test(self.tags.get(tag) ?? ''));
      if (!tagged || (nodes.length > 0 && !nodes.includes(self.name))) continue;
      answered.got(self.name);
      const respond = (response: Uint8Array | null): void => answered.response(self.name, response);
      participant.tell({ type: 'query', name, payload, time: this.#time, respond });
    }
  }

  tell(event: DoubleEvent): void {
    for (const participant of this.#participants) participant.tell(event);
  }
}
