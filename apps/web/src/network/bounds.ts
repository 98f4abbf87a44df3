/** More than these are not kept, and the page says so: a broker gone mad must not take the browser with it. */
export const MOST = {
  devices: 50_000,
  monitors: 1_000,
  /** Of one device. */
  monitorsOfDevice: 32,
  alerts: 5_000,
  silences: 2_000,
  found: 5_000,
  services: 20,
} as const;

/** How many things that happened are kept: more than anybody scrolls back. */
export const CHANGES_KEPT = 300;
