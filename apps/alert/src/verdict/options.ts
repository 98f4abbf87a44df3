import type { ByTag } from '../by-tag.ts';
import type { MaintenanceWindow } from '../maintenance/maintenance.ts';
import type { Quorum } from './quorum.ts';

/** How long a state must last before it is said: seconds, by the state that begins. */
export interface HoldOptions {
  readonly up_s: number;
  readonly down_s: number;
  readonly disputed_s: number;
  readonly unknown_s: number;
}

/** A device that goes down or comes back more than `changes` times in `within_s` seconds is flapping. */
export interface FlappingOptions {
  readonly changes: number;
  readonly within_s: number;
}

/** By which rules devices are judged. */
export interface VerdictOptions {
  /** How many voters must say that a device is down. */
  readonly quorum: ByTag<Quorum>;
  readonly hold: ByTag<HoldOptions>;
  readonly flapping: ByTag<FlappingOptions>;
  readonly maintenance: readonly MaintenanceWindow[];
}

const HOLD: HoldOptions = {
  /** A boot loader answers for some seconds, before the system starts and for a while does not. */
  up_s: 10,
  /** Each monitor has confirmed what it says; more waiting would only be later. */
  down_s: 0,
  /** Monitors probe a device at the same time, and confirm within five seconds of each other. */
  disputed_s: 5,
  /** A device whose only monitor dies is watched by another after a patience of 3 s and one probe. */
  unknown_s: 10,
};

/** The third outage in half an hour. Somebody has been told twice by then, and knows no more by the tenth. */
const FLAPPING: FlappingOptions = { changes: 4, within_s: 1800 };

export const VERDICT_DEFAULTS: VerdictOptions = {
  quorum: () => 'majority',
  hold: () => HOLD,
  flapping: () => FLAPPING,
  maintenance: [],
};
