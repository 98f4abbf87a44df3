import type { Id } from '@guaita/model';
import { HARMLESS, tell, type Fault, type FaultOf } from '../scenario/fault.ts';
import { willParcel } from '../network/broker.ts';
import { cut } from './cut.ts';
import { leave } from './leave.ts';
import { boot, intendAt } from './operate.ts';
import type { World } from './world.ts';

/** A program that is restarted is back in this. */
const RESTART_ms = 1500;

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
    case 'wrong belief':
      for (const believer of fault.by) world.host(believer).deafTo.add(fault.monitor);
      lasting(world, fault, () => {
        for (const believer of fault.by) world.host(believer).deafTo.delete(fault.monitor);
      });
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
    case 'silence':
      silence(world, fault);
      break;
    case 'end of silence':
      intendAt(world, fault.by, { kind: 'silence', subject: fault.silence, wanted: false });
      break;
    case 'acknowledge':
      acknowledge(world, fault);
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

function crash(world: World, fault: FaultOf<'crash'>): void {
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

function capacity(world: World, fault: FaultOf<'capacity'>): void {
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
function forget(world: World, fault: FaultOf<'forget'>): void {
  const host = world.host(fault.monitor);
  if (host.alive || host.disk.incarnation === 0) return;
  const { incarnation } = host.disk;
  intendAt(world, fault.by, { kind: 'forget', subject: host.id, wanted: true, incarnation });
}

function silence(world: World, { silence: subject, by, for_ms }: FaultOf<'silence'>): void {
  const until = new Date(world.host(by).wall_ms + for_ms).toISOString();
  const all = { devices: [], monitors: [], tags: [], sites: [], kinds: [], severities: [] };
  intendAt(world, by, { kind: 'silence', subject, wanted: true, silence: { ...all, by, why: 'quiet', until } });
}

function acknowledge(world: World, { alert: subject, by }: FaultOf<'acknowledge'>): void {
  const at = new Date(world.host(by).wall_ms).toISOString();
  const acknowledgement = { by, why: 'seen', at };
  intendAt(world, by, { kind: 'acknowledgement', subject, wanted: true, acknowledgement });
}

function stall(world: World, monitor: Id): () => void {
  const host = world.host(monitor);
  host.stall();
  return () => host.wake();
}

function brokerRestart(world: World, fault: FaultOf<'broker restart'>): void {
  const broker = world.mqtt.brokers.get(fault.broker);
  if (broker?.up !== true) return;
  world.brokerStops(fault.broker);
  lasting(world, fault, () => {
    const owner = world.hosts.get(fault.broker);
    if (owner?.alive !== false) world.mqtt.startBroker(fault.broker, fault.emptied);
  });
}

/** The client comes back sooner than its broker does what the old session left it to do. */
function lateWill(world: World, fault: FaultOf<'late will'>): void {
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
