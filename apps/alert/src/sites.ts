import { isEligible } from '@guaita/assignment';
import type { MonitorView } from '@guaita/messages';
import type { Id, Placement } from '@guaita/model';

/** Where monitors stand, and so of which sites a device is: of those whose monitors may watch it, alive or not. */
export class Sites {
  readonly #monitors = new Map<Id, { readonly site: Id; readonly tags: string[] }>();

  /** Takes in what is known of a monitor, or that it is forgotten. Tells whether that may change whose a device is. */
  hear(monitor: Id, view: Pick<MonitorView, 'site' | 'tags'> | undefined): boolean {
    const before = this.#monitors.get(monitor);
    if (view === undefined) return this.#monitors.delete(monitor);
    const { site, tags = [] } = view;
    if (before?.site === site && before.tags.join() === tags.join()) return false;
    this.#monitors.set(monitor, { site, tags });
    return true;
  }

  of(placement: Placement | undefined): readonly Id[] {
    const sites = new Set<Id>();
    for (const monitor of this.#monitors.values()) if (isEligible(monitor, placement)) sites.add(monitor.site);
    return [...sites];
  }
}
