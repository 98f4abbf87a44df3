import type { AlertKind, Id, Severity } from '@guaita/model';

/** How long what may mend itself must last before it is worth telling. */
export interface Patience {
  /** A device must be disputed for so long. */
  readonly disputed_after_s: number;
  /** A device must have too few monitors for so long. */
  readonly under_watched_after_s: number;
  /** A monitor must be silent for so long. */
  readonly monitor_lost_after_s: number;
}

/** When something is worth telling, and how much it matters. */
export interface AlertOptions {
  /** How long it must last on a subject with these tags. */
  readonly patience: (tags: readonly Id[]) => Patience;
  /** How much one of a kind matters, on a subject with these tags. */
  readonly severity: (kind: AlertKind, tags: readonly Id[]) => Severity;
}

/** How much an alert of each kind matters by default. */
const SEVERITIES: Readonly<Record<AlertKind, Severity>> = {
  // Gone, as far as most can see.
  down: 'critical',
  // Nobody can tell: a device may be gone for some of its users.
  disputed: 'warning',
  // Its changes are not told one by one: somebody should look.
  flapping: 'warning',
  // Watched still; the next loss may leave nobody who does.
  'under-watched': 'warning',
  // The others have taken its devices over.
  'monitor-lost': 'warning',
  'monitor-isolated': 'warning',
  // History is about to be given up.
  'monitor-disk-low': 'warning',
  // It is.
  'monitor-disk-full': 'critical',
  // They run, and others do not know of them.
  'monitor-services-left-out': 'warning',
  // Nobody else can tell what is there.
  'site-lost': 'critical',
  // It works, and worse than it should.
  loss: 'warning',
  latency: 'warning',
  'interface-down': 'warning',
  utilisation: 'warning',
  errors: 'warning',
  // It is over.
  reboot: 'info',
};

export const PATIENCE: Patience = {
  /** Monitors mostly agree again after a round of probes or two; who still disagrees then sees different networks. */
  disputed_after_s: 300,
  /** A handover takes two words of each monitor; between sites, over AntidoteDB, one comes every 60 s at the latest. */
  under_watched_after_s: 180,
  /**
   * A restart takes less. A slower link that vouches for the monitor is believed after 10 s, and one that is cut off
   * from all others knows that of itself by then.
   */
  monitor_lost_after_s: 30,
};

export const ALERT_DEFAULTS: AlertOptions = {
  patience: () => PATIENCE,
  severity: (kind) => SEVERITIES[kind],
};
