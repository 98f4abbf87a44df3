import type { Header, Id, Policy } from '@guaita/model';
import type { DeviceView, Effect, MonitorView } from './effect.ts';
import { monitorsOf, type Situation } from './situation.ts';

/**
 * So many devices are told of in one turn, and this long no more are after it. When half of a large cluster dies nearly
 * every device changes hands, and each several times within seconds: told at once that would be a turn of seconds in
 * which nobody hears our beat. A device that changes again before it is told of is told of once.
 */
const TOLD_AT_ONCE = 500;
const TELL_PAUSE_ms = 100;

/** Tells people and programs what is known: each view once, and again when it has changed. */
export class Reporter {
  readonly #situation: Situation;
  readonly #monitors = new Map<Id, MonitorView>();
  readonly #devices = new Map<Id, DeviceView>();
  readonly #problems = new Map<string, string>();
  /** Devices that are to be told of, in the order in which they changed. */
  readonly #due = new Set<Id>();
  #next_ms = -Infinity;

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  *monitors(own: Header, policy: Policy, links: readonly Id[], now_ms: number): IterableIterator<Effect> {
    const views = this.#views(own, policy, links, now_ms);
    for (const [monitor, view] of views) {
      if (isSame(this.#monitors.get(monitor), view)) continue;
      this.#monitors.set(monitor, view);
      yield { kind: 'monitor', monitor, view };
    }
    for (const monitor of this.#monitors.keys()) {
      if (views.has(monitor)) continue;
      this.#monitors.delete(monitor);
      yield { kind: 'monitor', monitor, view: undefined };
    }
  }

  /** Something of these devices has changed. */
  touch(devices: Iterable<Id>): void {
    for (const device of devices) this.#due.add(device);
  }

  /** Tells of devices that have changed: of those that can be told of now. */
  *devices(now_ms: number): IterableIterator<Effect> {
    if (now_ms < this.#next_ms) return;
    let told = 0;
    for (const id of this.#due) {
      if (told >= TOLD_AT_ONCE) {
        this.#next_ms = now_ms + TELL_PAUSE_ms;
        return;
      }
      this.#due.delete(id);
      told += 1;
      const view = this.#deviceView(id);
      if (isSame(this.#devices.get(id), view)) continue;
      if (view === undefined) this.#devices.delete(id);
      else this.#devices.set(id, view);
      yield { kind: 'device', device: id, view };
    }
  }

  get nextDeadline_ms(): number {
    return this.#due.size === 0 ? Infinity : this.#next_ms;
  }

  *trouble(about: string, problem: string | undefined): IterableIterator<Effect> {
    if (this.#problems.get(about) === problem) return;
    if (problem === undefined) this.#problems.delete(about);
    else this.#problems.set(about, problem);
    yield { kind: 'trouble', about, problem };
  }

  /** All monitors as they were last told. */
  get knownMonitors(): ReadonlyMap<Id, MonitorView> {
    return this.#monitors;
  }

  /** All devices as they were last told. */
  get knownDevices(): ReadonlyMap<Id, DeviceView> {
    return this.#devices;
  }

  #views(own: Header, { monitors_per_device }: Policy, links: readonly Id[], now_ms: number): Map<Id, MonitorView> {
    const { self, peers, liveness, exchange, claims } = this.#situation;
    const views = new Map<Id, MonitorView>();
    const about = (monitor: Id, header: Header) => {
      const { site, tags, incarnation, session, isolated, isolations = 0, probing, capacity } = header;
      const draining = exchange.isDraining(monitor);
      return {
        ...{ site, tags, incarnation, session, isolated, isolations, probing, capacity, draining },
        monitors_per_device,
      } as const;
    };
    views.set(self, { ...about(self, own), ...claims.count, alive: true, complete: true, links });
    for (const [monitor, record, header] of peers.known())
      views.set(monitor, {
        ...about(monitor, header),
        ...record.count,
        alive: liveness.isAlive(monitor),
        complete: record.complete,
        links: liveness.links(monitor, now_ms),
      });
    return views;
  }

  #deviceView(id: Id): DeviceView | undefined {
    const { exchange, planner } = this.#situation;
    const device = exchange.inventory.get(id);
    if (device === undefined) return undefined;
    const claims = this.#situation.liveClaims(id);
    return {
      device,
      feeders: exchange.inventory.feeders(id),
      planned: planner.monitorsOf(id),
      held: monitorsOf(claims, 'held'),
      leaving: monitorsOf(claims, 'leaving'),
      claims,
    };
  }
}

/** Views are flat but for lists of ids and of claims, which are flat too; a device's entry is replaced when it changes. */
function isSame(a: DeviceView | MonitorView | undefined, b: DeviceView | MonitorView | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isFlatSame(a, b, isSameList);
}

function isSameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item: unknown, at) => isSameItem(item, b[at]));
}

function isSameItem(a: unknown, b: unknown): boolean {
  return typeof a === 'object' && typeof b === 'object' && a !== null && b !== null
    ? isFlatSame(a, b, Object.is)
    : a === b;
}

function isFlatSame(a: object, b: object, isSameValue: (a: unknown, b: unknown) => boolean): boolean {
  const others = b as Readonly<Record<string, unknown>>;
  const entries = Object.entries(a);
  return entries.length === Object.keys(b).length && entries.every(([key, value]) => isSameValue(value, others[key]));
}
