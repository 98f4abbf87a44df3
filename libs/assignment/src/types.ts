import type { Id, Placement } from '@guaita/model';

/** What the plan has to know of a device. */
export interface PlanDevice {
  readonly device: Id;
  readonly placement?: Placement | undefined;
}

/** What the plan has to know of a monitor that is alive. */
export interface PlanMonitor {
  readonly monitor: Id;
  readonly site: Id;
  readonly tags: readonly Id[];
  /** How many devices it can watch; 0 while it takes none: isolated, not probing, draining. */
  readonly capacity: number;
}
