import type { Id } from '@guaita/model';
import type { FaultOf } from '../scenario/fault.ts';
import type { World } from './world.ts';

/** Cuts the ways between some monitors and others, and heals them again. */
export function cut(world: World, fault: FaultOf<'cut'>): void {
  const brokersOf = (monitors: readonly Id[]) => new Set(monitors.map((id) => world.host(id).spec.broker));
  const [from, to] = [brokersOf(fault.from), brokersOf(fault.to)];
  const ways =
    fault.ways === 'both'
      ? ([
          [from, to],
          [to, from],
        ] as const)
      : ([[from, to]] as const);
  for (const [one, other] of ways) world.mqtt.cut(one, other);
  // Who shares a broker with the other side is cut from that broker.
  const sharing = fault.from.filter((id) => !world.ownsBroker(id) && to.has(world.host(id).spec.broker));
  for (const id of sharing) world.mqttLink(id)?.block();
  const sitesOf = (monitors: readonly Id[]) => new Set(monitors.map((id) => world.host(id).spec.site));
  const pairs = fault.database
    ? [...sitesOf(fault.from)].flatMap((a) => [...sitesOf(fault.to)].filter((b) => a !== b).map((b) => [a, b] as const))
    : [];
  for (const [a, b] of pairs) {
    world.database.cut(a, b);
    if (fault.ways === 'both') world.database.cut(b, a);
  }
  world.agenda.after(fault.for_ms, () => {
    world.story.tell(`the cut between ${fault.from.join(', ')} and ${fault.to.join(', ')} is healed`);
    world.faulted();
    for (const [one, other] of ways) world.mqtt.heal(one, other);
    for (const id of sharing) world.mqttLink(id)?.unblock();
    for (const [a, b] of pairs) {
      world.database.heal(a, b);
      if (fault.ways === 'both') world.database.heal(b, a);
    }
  });
}
