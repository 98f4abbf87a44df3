import { rankedFor } from '@guaita/assignment';
import type { MonitorView, Probing } from '@guaita/messages';
import type { Id } from '@guaita/model';

/** What a monitor needs in order to watch and to tell. */
export const NEEDED: readonly Id[] = ['alert', 'assign', 'ping'];
/** The ping service says every 5 s how it is; three in a row missed are no accident. */
const PROBING_PATIENCE_ms = 15_000;

/**
 * Which monitors are well: they live, their services run, their ping service probes, and they are not isolated. Of
 * its own monitor it also knows by itself when the ping service last said so: assign, which says that to all, may be stuck.
 */
export class Wellness {
  readonly #self: Id;
  readonly #views = new Map<Id, Pick<MonitorView, 'alive' | 'probing' | 'isolated'>>();
  readonly #online = new Map<Id, Set<Id>>();
  #probing: { readonly isolated: boolean; readonly at_ms: number } | undefined;

  constructor(self: Id) {
    this.#self = self;
  }

  /** What is known of a monitor; `undefined`: it is forgotten. */
  view(monitor: Id, view: Pick<MonitorView, 'alive' | 'probing' | 'isolated'> | undefined): void {
    if (view === undefined) this.#views.delete(monitor);
    else this.#views.set(monitor, view);
  }

  /** A service of a monitor runs, or does not. */
  service(monitor: Id, service: Id, isOnline: boolean): void {
    const online = this.#online.get(monitor) ?? new Set<Id>();
    if (isOnline) online.add(service);
    else online.delete(service);
    this.#online.set(monitor, online);
  }

  /** This monitor's ping service says now how it is; `undefined`: it takes that back. */
  probing(probing: Pick<Probing, 'isolated'> | undefined, now_ms: number): void {
    this.#probing = probing && { isolated: probing.isolated, at_ms: now_ms };
  }

  /** What is not well with this monitor; `undefined`: nothing. */
  trouble(now_ms: number): string | undefined {
    const { isolated, at_ms } = this.#probing ?? { isolated: false, at_ms: -Infinity };
    if (isolated) return 'no anchor answers: this monitor is isolated';
    return (
      this.#troubleOf(this.#self) ??
      (now_ms >= at_ms + PROBING_PATIENCE_ms ? 'its ping service has not said for 15 s that it probes' : undefined)
    );
  }

  /** The monitors that are well, as far as is known here, the first in rank for some work first. */
  ranked(work: Id): readonly Id[] {
    const well = [...this.#views.keys()].filter((monitor) => this.#troubleOf(monitor) === undefined);
    return rankedFor(work, new Set(well));
  }

  #troubleOf(monitor: Id): string | undefined {
    const view = this.#views.get(monitor);
    const missing = NEEDED.filter((service) => this.#online.get(monitor)?.has(service) !== true);
    if (missing.length > 0) return `not running: ${missing.join(', ')}`;
    if (view?.alive !== true) return 'assign does not say that it lives';
    if (view.isolated) return 'no anchor answers: this monitor is isolated';
    return view.probing ? undefined : 'its ping service does not probe';
  }
}
