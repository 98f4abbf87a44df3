import type { Id } from '@guaita/model';
import type { Entry, Host } from './host.ts';
import type { World } from './world.ts';

/** An operator speaks at this monitor, or, when it is not there, at the first that is. */
export function intendAt(world: World, by: Id, change: Entry): void {
  const host = world.host(by).alive ? world.host(by) : world.alive[0];
  if (host === undefined) return;
  host.intend(change);
  world.entered(host, change);
}

/** Starts a host, and the broker on it. */
export function boot(world: World, host: Host, brokerEmptied: boolean): void {
  if (host.alive) return;
  if (world.ownsBroker(host.id)) world.mqtt.startBroker(host.spec.broker, brokerEmptied);
  host.start();
}
