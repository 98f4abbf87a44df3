import type { FaultOf } from '../scenario/fault.ts';
import { boot, intendAt } from './operate.ts';
import type { World } from './world.ts';

/** A host that has handed over is looked for this often, and for so long; then it stays. */
const LEAVE_LOOK_ms = 500;
const LEAVE_PATIENCE_ms = 60_000;

/** A goodbye is under way for a moment. */
const GOODBYE_ms = 2000;

/** Drained, waited for, stopped: what an operator does who takes a host out of service. */
export function leave(world: World, fault: FaultOf<'leave'>): void {
  const host = world.host(fault.monitor);
  if (!host.alive) return;
  intendAt(world, fault.by, { kind: 'drain', subject: host.id, wanted: true });
  const undrain = (): void => {
    world.changed();
    intendAt(world, fault.by, { kind: 'drain', subject: host.id, wanted: false });
  };
  const until_ms = world.agenda.now_ms + LEAVE_PATIENCE_ms;
  const look = (): void => {
    if (!host.alive || host.stalled) return;
    if (host.told.watched.size > 0) {
      if (world.agenda.now_ms < until_ms) world.agenda.after(LEAVE_LOOK_ms, look);
      else undrain();
      return;
    }
    world.story.tell(`${host.id} watches nothing any more and is stopped`);
    world.changed();
    host.leave();
    world.ended(host);
    if (world.ownsBroker(host.id))
      world.agenda.after(GOODBYE_ms, () => host.alive || world.mqtt.stopBroker(host.spec.broker));
    if (fault.back_ms === undefined) return;
    world.agenda.after(fault.back_ms, () => {
      world.story.tell(`${host.id} is back, and drained no longer`);
      undrain();
      boot(world, host, false);
    });
  };
  world.agenda.after(LEAVE_LOOK_ms, look);
}
