import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Id, InMaintenance } from '@guaita/model';
import { isWithin } from '../alerts/scope.ts';
import type { Now } from '../now.ts';
import { Sites } from '../sites.ts';
import { type Recurrence, Schedule } from './schedule.ts';

/** So often it is looked at least whether a window begins or ends: wall clocks are set right. */
const LOOK_MOST_ms = 60_000;

/** When which devices are worked on, and why. A device has to fit each list that is not empty. */
export interface MaintenanceWindow extends Recurrence {
  readonly duration_ms: number;
  readonly devices: readonly Id[];
  readonly tags: readonly Id[];
  readonly sites: readonly Id[];
  readonly why: string;
}

type Spec = Pick<DeviceSpec, 'device' | 'tags' | 'placement'>;

interface OpenWindow {
  readonly window: MaintenanceWindow;
  readonly until_ms: number;
}

/** Which devices are in maintenance: by the windows of the configuration and this host's clock. */
export class Maintenance {
  readonly #windows: readonly { readonly window: MaintenanceWindow; readonly schedule: Schedule }[];
  readonly #sites = new Sites();
  /** Those that are open, with their ends. */
  #open: readonly OpenWindow[] = [];
  #look_ms = -Infinity;
  #areSitesNew = false;

  constructor(windows: readonly MaintenanceWindow[]) {
    this.#windows = windows.map((window) => ({ window, schedule: new Schedule(window, window.duration_ms) }));
  }

  /** What is known of a monitor; `undefined`: it is forgotten. Tells of which sites a device is. */
  monitor(monitor: Id, view: MonitorView | undefined): void {
    if (this.#sites.hear(monitor, view)) this.#areSitesNew = true;
  }

  /** Looks at the clock. Tells whether other devices may be in maintenance than before, or until another time. */
  advance({ monotonic_ms, wall_ms }: Now): boolean {
    const areSitesNew = this.#areSitesNew && this.#open.some(({ window }) => window.sites.length > 0);
    this.#areSitesNew = false;
    if (monotonic_ms < this.#look_ms || this.#windows.length === 0) return areSitesNew;
    const before = this.#open;
    this.#open = this.#windows.flatMap(({ window, schedule }) => {
      const until_ms = schedule.until_ms(wall_ms);
      return until_ms === undefined ? [] : [{ window, until_ms }];
    });
    const changes_ms = this.#windows.map(({ schedule }) => schedule.next_ms(wall_ms) ?? Infinity);
    for (const { until_ms } of this.#open) changes_ms.push(until_ms);
    this.#look_ms = monotonic_ms + Math.min(LOOK_MOST_ms, ...changes_ms.map((at_ms) => at_ms - wall_ms));
    const isSame =
      before.length === this.#open.length &&
      before.every(({ window, until_ms }, at) => {
        const now = this.#open[at];
        return now?.window === window && now.until_ms === until_ms;
      });
    return !isSame || areSitesNew;
  }

  /** Until when a device is worked on, and why: by the window that ends last; `undefined` when it is not. */
  of(spec: Spec): InMaintenance | undefined {
    let last: OpenWindow | undefined;
    for (const each of this.#open)
      if ((last === undefined || each.until_ms > last.until_ms) && this.#fits(each.window, spec)) last = each;
    return last && { why: last.window.why, until: new Date(last.until_ms).toISOString() };
  }

  /** When to look again, by the monotonic clock. */
  get nextDeadline_ms(): number {
    return this.#windows.length === 0 ? Infinity : this.#look_ms;
  }

  #fits({ devices, tags, sites }: MaintenanceWindow, spec: Spec): boolean {
    return (
      (devices.length === 0 || devices.includes(spec.device)) &&
      (tags.length === 0 || spec.tags.some((tag) => tags.includes(tag))) &&
      (sites.length === 0 || isWithin(this.#sites.of(spec.placement), (site) => sites.includes(site)))
    );
  }
}
