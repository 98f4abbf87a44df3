import type { Id } from '@guaita/model';
import { HARMLESS, tell, type Fault } from '../scenario/fault.ts';
import { willParcel } from '../network/broker.ts';
import type { Entry, Host } from './host.ts';
import type { World } from './world.ts';

/** A host that has handed over is looked for this often, and for so long; then it stays. */
const LEAVE_LOOK_ms = 500;
const LEAVE_PATIENCE_ms = 60_000;

/** A goodbye is under way for a moment. */
const GOODBYE_ms = 2000;

/** A program that is restarted is back in this. */
const RESTART_ms = 1500;

type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>;

/** Enters a fault into the world's agenda. */
export function schedule(world: World, fault: Fault): void {
  world.agenda.at(fault.at_ms, () => apply(world, fault));
}

function apply(world: World, fault: Fault): void {
  world.story.tell(tell(fault), fault.kind === 'add' ? fault.device.device : undefined);
  world.began(fault);
  if (HARMLESS.has(fault.kind)) world.changed();
  else world.faulted();
  switch (fault.kind) {
    case 'crash':
      crash(world, fault);
      break;
    case 'leave':
      leave(world, fault);
      break;
    case 'drain':
      intendAt(world, fault.by, { kind: 'drain', subject: fault.monitor, wanted: true });
      world.agenda.after(fault.for_ms, () => {
        world.story.tell(`${fault.monitor} is drained no longer`);
        world.changed();
        intendAt(world, fault.by, { kind: 'drain', subject: fault.monitor, wanted: false });
      });
      break;
    case 'join':
      boot(world, world.host(fault.monitor), false);
      break;
    case 'capacity':
      capacity(world, fault);
      break;
    case 'forget':
      forget(world, fault);
      break;
    case 'stall':
      lasting(world, fault, stall(world, fault.monitor));
      break;
    case 'isolation':
      world.host(fault.monitor).setFacts({ isolated: true });
      world.agenda.after(fault.for_ms, () => {
        world.faulted();
        world.host(fault.monitor).setFacts({ isolated: false });
      });
      break;
    case 'no probes':
      world.host(fault.monitor).setFacts({ probing: false });
      world.agenda.after(fault.for_ms, () => {
        world.faulted();
        world.host(fault.monitor).setFacts({ probing: true });
      });
      break;
    case 'wall clock':
      world.host(fault.monitor).clock.setWall(fault.by_ms);
      break;
    case 'cut':
      cut(world, fault);
      break;
    case 'broker restart':
      brokerRestart(world, fault);
      break;
    case 'frozen broker': {
      const others = new Set([...world.mqtt.brokers.keys()].filter((id) => id !== fault.broker));
      const frozen = new Set([fault.broker]);
      world.mqtt.cut(others, frozen);
      lasting(world, fault, () => world.mqtt.heal(others, frozen));
      break;
    }
    case 'late will':
      lateWill(world, fault);
      break;
    case 'weather':
      world.setWeather(fault.weather);
      lasting(world, fault, () => world.setWeather(world.scenario.weather));
      break;
    case 'add': {
      const { device, by } = fault;
      intendAt(world, by, { kind: 'device', subject: device.device, feeder: 'command', wanted: true, device });
      break;
    }
    case 'remove':
      intendAt(world, fault.by, { kind: 'device', subject: fault.device, feeder: 'command', wanted: false });
      break;
    case 'file':
      world.host(fault.monitor).setFile(fault.devices);
      break;
    case 'device down':
      for (const host of world.hosts.values()) host.deviceAnswers(fault.device, false);
      world.agenda.after(fault.for_ms, () => {
        world.changed();
        for (const host of world.hosts.values()) host.deviceAnswers(fault.device, true);
      });
      break;
    case 'database away':
      world.database.centre(fault.site).up = false;
      lasting(world, fault, () => (world.database.centre(fault.site).up = true));
      break;
    case 'empty answers':
      world.database.centre(fault.site).empty = true;
      lasting(world, fault, () => (world.database.centre(fault.site).empty = false));
      break;
    case 'stale answers':
      world.database.centre(fault.site).stale();
      lasting(world, fault, () => world.database.centre(fault.site).fresh());
      break;
    case 'lost writes':
      world.database.centre(fault.site).loseRecent(world.agenda.now_ms);
      break;
  }
}

/** The world is not quiet until the fault is over. */
function lasting(world: World, { for_ms }: { readonly for_ms: number }, end: () => void): void {
  world.unsettle(1);
  world.agenda.after(for_ms, () => {
    end();
    world.unsettle(-1);
  });
}

/** An operator speaks at this monitor, or, when it is not there, at the first that is. */
function intendAt(world: World, by: Id, change: Entry): void {
  const host = world.host(by).alive ? world.host(by) : world.alive[0];
  if (host === undefined) return;
  host.intend(change);
  world.entered(host, change);
}

function boot(world: World, host: Host, brokerEmptied: boolean): void {
  if (host.alive) return;
  if (world.ownsBroker(host.id)) world.mqtt.startBroker(host.spec.broker, brokerEmptied);
  host.start();
}

function crash(world: World, fault: Of<'crash'>): void {
  const host = world.host(fault.monitor);
  if (!host.alive) return;
  if (fault.what === 'host' && world.ownsBroker(host.id)) world.mqtt.stopBroker(host.spec.broker);
  host.crash(fault.what, fault.disk);
  world.ended(host);
  if (fault.back_ms === undefined) return;
  world.agenda.after(fault.back_ms, () => {
    if (host.alive) return;
    world.story.tell(`${host.id} is back`);
    world.changed();
    boot(world, host, fault.disk === 'lost');
  });
}

/** Drained, waited for, stopped: what an operator does who takes a host out of service. */
function leave(world: World, fault: Of<'leave'>): void {
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
    if (host.watched.size > 0) {
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

function capacity(world: World, fault: Of<'capacity'>): void {
  const host = world.host(fault.monitor);
  host.spec = { ...host.spec, capacity: fault.capacity };
  crash(world, {
    kind: 'crash',
    at_ms: fault.at_ms,
    monitor: host.id,
    what: 'program',
    disk: 'kept',
    back_ms: RESTART_ms,
  });
}

/** Only who is gone is forgotten. */
function forget(world: World, fault: Of<'forget'>): void {
  const host = world.host(fault.monitor);
  if (host.alive || host.disk.incarnation === 0) return;
  const { incarnation } = host.disk;
  intendAt(world, fault.by, { kind: 'forget', subject: host.id, wanted: true, incarnation });
}

function stall(world: World, monitor: Id): () => void {
  const host = world.host(monitor);
  host.stall();
  return () => host.wake();
}

function cut(world: World, fault: Of<'cut'>): void {
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

function brokerRestart(world: World, fault: Of<'broker restart'>): void {
  const broker = world.mqtt.brokers.get(fault.broker);
  if (broker?.up !== true) return;
  world.brokerStops(fault.broker);
  lasting(world, fault, () => {
    const owner = world.hosts.get(fault.broker);
    if (owner?.alive !== false) world.mqtt.startBroker(fault.broker, fault.emptied);
  });
}

/** The client comes back sooner than its broker does what the old session left it to do. */
function lateWill(world: World, fault: Of<'late will'>): void {
  const link = world.mqttLink(fault.monitor);
  const broker = world.mqtt.brokers.get(world.host(fault.monitor).spec.broker);
  if (link?.connected !== true || broker === undefined) return;
  const will = link.takeWill();
  link.reset();
  world.agenda.after(fault.for_ms, () => {
    world.faulted();
    if (will !== undefined) broker.publish(willParcel(will));
  });
}
