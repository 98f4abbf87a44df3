import type { ProbeState } from '@guaita/model';

/** An address that tells whether this host has a way out. */
export interface Anchor {
  readonly address: string;
  /**
   * `configured` by the operator, who knows that it answers pings; or the default `gateway`, found by ourselves, which
   * may be one that answers none.
   */
  readonly origin: 'configured' | 'gateway';
}

export interface AnchorState extends Anchor {
  readonly state: ProbeState;
  /** It has answered since this service started. */
  readonly proven: boolean;
}

/**
 * Devices on other hosts that answered lately, asked when the gateway does not answer: some answer now, all are silent,
 * or there are none to ask.
 */
export type Witnesses = 'answer' | 'silent' | 'none';

/**
 * Tells whether this monitor is cut off: every anchor fails, so that the silence of devices says nothing of them.
 *
 * Configured anchors decide by themselves. Where the default gateway is the only anchor, other devices that answer
 * show that not this host but the gateway is in trouble: the monitor still sees what is on its own network, and the
 * gateway's outage is worth telling. A gateway that never answered may be one that answers no pings; it counts only
 * once others, that did answer, are silent too.
 */
export function isIsolated(anchors: readonly AnchorState[], witnesses: Witnesses): boolean {
  if (anchors.length === 0 || anchors.some(({ state }) => state === 'up')) return false;
  const configured = anchors.filter(({ origin }) => origin === 'configured');
  if (configured.length > 0) return configured.every(({ state }) => state === 'down');
  if (witnesses === 'answer' || !anchors.every(({ state }) => state === 'down')) return false;
  return witnesses === 'silent' || anchors.some(({ proven }) => proven);
}
