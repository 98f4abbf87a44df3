import type { Header, Id } from '@guaita/model';
import type { DeviceView, Effect, MonitorView } from './effect.ts';
import type { Situation } from './situation.ts';

/** Tells people and programs what is known: each view once, and again when it has changed. */
export class Reporter {
  readonly #situation: Situation;
  readonly #monitors = new Map<Id, MonitorView>();
  readonly #devices = new Map<Id, DeviceView>();
  readonly #problems = new Map<string, string>();

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  *monitors(own: Header, links: readonly Id[], now_ms: number): IterableIterator<Effect> {
    const views = this.#views(own, links, now_ms);
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

  *devices(touched: Iterable<Id>): IterableIterator<Effect> {
    for (const id of touched) {
      const view = this.#deviceView(id);
      if (isSame(this.#devices.get(id), view)) continue;
      if (view === undefined) this.#devices.delete(id);
      else this.#devices.set(id, view);
      yield { kind: 'device', device: id, view };
    }
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

  #views(own: Header, links: readonly Id[], now_ms: number): Map<Id, MonitorView> {
    const { self, peers, liveness, exchange, claims } = this.#situation;
    const views = new Map<Id, MonitorView>();
    const about = (monitor: Id, { site, isolated, probing, capacity }: Header) =>
      ({ site, isolated, probing, capacity, draining: exchange.isDraining(monitor) }) as const;
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
    return {
      device,
      feeders: exchange.inventory.feeders(id),
      planned: planner.monitorsOf(id),
      held: this.#situation.claimants(id, 'held'),
      leaving: this.#situation.claimants(id, 'leaving'),
    };
  }
}

/** Views are flat but for their lists of ids; a device's entry is replaced when it changes. */
function isSame<T extends object>(a: T | undefined, b: T | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Object.entries(a).every(([key, value]) => {
    const other = b[key as keyof T] as unknown;
    return Array.isArray(value) && Array.isArray(other)
      ? value.length === other.length && value.every((item, at) => item === other[at])
      : value === other;
  });
}
