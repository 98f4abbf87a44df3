import type { Id, PingObservation } from '@guaita/model';

const NONE: ReadonlyMap<Id, PingObservation> = new Map();

/**
 * What each monitor saw of each device in its newest probe. Kept until the monitor takes it back, as on the broker: what
 * is heard of a device and of its entry may come in any order.
 */
export class Observations {
  readonly #byDevice = new Map<Id, Map<Id, PingObservation>>();

  /** `undefined`: the monitor takes it back. */
  set(monitor: Id, device: Id, observation: PingObservation | undefined): void {
    const known = this.#byDevice.get(device);
    if (observation === undefined) {
      known?.delete(monitor);
      if (known?.size === 0) this.#byDevice.delete(device);
    } else if (known === undefined) this.#byDevice.set(device, new Map([[monitor, observation]]));
    else known.set(monitor, observation);
  }

  /** Of a device, by monitor. */
  of(device: Id): ReadonlyMap<Id, PingObservation> {
    return this.#byDevice.get(device) ?? NONE;
  }
}
