import type { DeviceSpec } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { ReverseIndex } from './reverse-index.ts';
import type { Watched } from './watched.ts';

/** The devices of the inventory, found by their id, by who watches them, and by whom they stand behind. */
export class WatchedDevices {
  readonly #all = new Map<Id, Watched>();
  readonly #byMonitor = new ReverseIndex();
  readonly #byParent = new ReverseIndex();

  get(device: Id): Watched | undefined {
    return this.#all.get(device);
  }

  all(): IterableIterator<[Id, Watched]> {
    return this.#all.entries();
  }

  /** Those that a monitor watches. */
  of(monitor: Id): Iterable<Id> {
    return this.#byMonitor.of(monitor);
  }

  children(device: Id): Iterable<Id> {
    return this.#byParent.of(device);
  }

  hasChildren(device: Id): boolean {
    return this.#byParent.has(device);
  }

  /** Takes in a device with its entry, or another entry of one that is in. */
  put(watched: Watched, spec: DeviceSpec): void {
    const { device } = spec;
    const before = this.#all.get(device)?.spec;
    this.#byParent.move(device, before?.parents ?? [], spec.parents);
    this.#byMonitor.move(device, claimants(before), claimants(spec));
    watched.spec = spec;
    this.#all.set(device, watched);
  }

  /** Gives the device that was taken out; `undefined`: there was none. */
  remove(device: Id): Watched | undefined {
    const watched = this.#all.get(device);
    if (watched === undefined) return undefined;
    this.#byParent.move(device, watched.parents, []);
    this.#byMonitor.move(device, claimants(watched.spec), []);
    this.#all.delete(device);
    return watched;
  }

  /** All below these whom their voters call down, as far down as everything has gone: their parents may explain that. */
  *below(devices: ReadonlySet<Id>): IterableIterator<Watched> {
    const seen = new Set(devices);
    for (const device of seen) {
      for (const child of this.#byParent.of(device)) {
        const watched = this.#all.get(child);
        if (watched?.gone !== true || seen.has(child)) continue;
        seen.add(child);
        if (watched.isCalledDown) yield watched;
      }
    }
  }
}

function claimants(spec: DeviceSpec | undefined): Id[] {
  return (spec?.claims ?? []).map(({ monitor }) => monitor);
}
