import type { Id } from '@guaita/model';
import type { Host } from '../world/host.ts';

/** A device that nobody watches. */
export interface Unwatched {
  readonly device: Id;
  /** When the last watcher went, or when another one could first take its place. */
  readonly since_ms: number;
}

/** Who watches each device, by what hosts do: the measure of guarantee 2. */
export class Watchers {
  readonly #watchers = new Map<Id, Set<Host>>();
  readonly #crashed_ms = new Map<Id, number>();
  readonly #unwatched = new Map<Id, Unwatched>();

  watch(host: Host, device: Id): void {
    const watchers = this.#watchers.get(device) ?? new Set();
    this.#watchers.set(device, watchers);
    watchers.add(host);
    this.#unwatched.delete(device);
  }

  /** @returns whether it was the last watcher */
  unwatch(host: Host, device: Id, now_ms: number): boolean {
    const watchers = this.#watchers.get(device);
    if (watchers?.delete(host) !== true || watchers.size > 0) return false;
    this.#unwatched.set(device, { device, since_ms: now_ms });
    return true;
  }

  /** A host is gone, with all that it watched. */
  crash(host: Host, now_ms: number): void {
    for (const [device, watchers] of this.#watchers) {
      if (!watchers.has(host)) continue;
      this.#crashed_ms.set(device, now_ms);
      this.unwatch(host, device, now_ms);
    }
  }

  /** When a crash last took a watcher from the device. */
  crashed_ms(device: Id): number {
    return this.#crashed_ms.get(device) ?? -Infinity;
  }

  /** Until now nobody could watch it. */
  excuse(device: Id, now_ms: number): void {
    this.#unwatched.set(device, { device, since_ms: now_ms });
  }

  /** Nothing is expected of a device that was removed. */
  drop(device: Id): void {
    this.#unwatched.delete(device);
  }

  /** Devices that were watched and are not. */
  get unwatched(): Iterable<Unwatched> {
    return this.#unwatched.values();
  }

  count(device: Id): number {
    return this.#watchers.get(device)?.size ?? 0;
  }
}
