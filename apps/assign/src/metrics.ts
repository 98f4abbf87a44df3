import type { MonitorView } from '@guaita/cluster';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What the service counts. */
export class AssignMetrics {
  readonly devices: Gauge;
  readonly problems: Gauge;
  readonly loads: Counter;
  readonly #claims: Gauge;
  readonly #capacity: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.devices = new Gauge({
      name: 'guaita_assign_devices',
      help: 'Devices in the inventory files that are applied',
      registers,
    });
    this.problems = new Gauge({
      name: 'guaita_assign_inventory_errors',
      help: 'Mistakes in the inventory as it was read last; above 0 it is not applied',
      registers,
    });
    this.loads = new Counter({
      name: 'guaita_assign_inventory_loads_total',
      help: 'Changed inventories read',
      labelNames: ['result'],
      registers,
    });
    this.#claims = new Gauge({
      name: 'guaita_assign_claims',
      help: 'Devices that this monitor claims',
      labelNames: ['state'],
      registers,
    });
    this.#capacity = new Gauge({
      name: 'guaita_assign_capacity',
      help: 'Devices that this monitor can watch',
      registers,
    });
  }

  /** This monitor as the cluster sees it. */
  own({ held, leaving, capacity }: MonitorView): void {
    this.#claims.set({ state: 'held' }, held);
    this.#claims.set({ state: 'leaving' }, leaving);
    this.#capacity.set(capacity);
  }
}
