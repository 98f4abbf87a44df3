import type { Wire } from '@guaita/bus';
import type { Link, LinkListener } from '@guaita/cluster';
import { channels, type SerfMember } from '@guaita/messages';
import type { Id } from '@guaita/model';

/** Who tells the broker of this host of Serf's members. */
const PUBLISHER: Id = 'serf-publisher';

/**
 * What Serf says of the hosts on which monitors run, by the broker of this host. It carries nothing of ours: what Serf says
 * is not ours to say.
 *
 * It stands while a serf-publisher is present at the broker, and members are told of: the agent that answers it is one. When
 * the last one goes, with a goodbye or a will or because its presence expired, what it told of is of then.
 */
export class SerfLink implements Link {
  readonly name: Id = 'serf';
  readonly #wire: Wire;
  readonly #publishers = new Set<string>();
  readonly #members = new Set<Id>();
  readonly #releases: (() => Promise<void> | void)[] = [];
  #stands = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  async start(listener: LinkListener, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const follow = (): void => {
      const stands = this.#publishers.size > 0 && this.#members.size > 0;
      if (stands === this.#stands) return;
      this.#stands = stands;
      listener.connected(stands);
    };
    this.#releases.push(
      this.#wire.bus.onConnection((connected) => {
        if (connected) return;
        // The broker tells of those that are still there when it is back.
        this.#publishers.clear();
        this.#members.clear();
        follow();
      }),
      await this.#wire.hear(channels.presence, { service: PUBLISHER }, ({ parameters, value }) => {
        const publisher = `${parameters.monitor}/${parameters.instance}`;
        if (value === undefined) this.#publishers.delete(publisher);
        else this.#publishers.add(publisher);
        follow();
      }),
      await this.#wire.hear(channels.serfMember, {}, ({ parameters: { name: monitor }, value, message }) => {
        if (value === undefined) this.#members.delete(monitor);
        else this.#members.add(monitor);
        listener.heard({ kind: 'life', monitor, alive: wordOn(monitor, value) }, message.retain);
        follow();
      }),
    );
  }

  say(): void {}

  async stop(): Promise<void> {
    for (const release of this.#releases.splice(0)) await release();
  }
}

/**
 * What a member says of a monitor's host. It speaks for the monitor that is called exactly as the member itself is, for Serf
 * takes care that no two members are called alike: the id under which it is told may be made from another name.
 */
function wordOn(monitor: Id, member: SerfMember | undefined): boolean | undefined {
  if (member?.name !== monitor) return undefined;
  return member.status === 'alive' || member.status === 'leaving';
}
