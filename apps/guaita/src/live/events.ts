import type { Alert, Id, ProbeState, Timestamp } from '@guaita/model';

/** A device is seen otherwise than before by one monitor. */
export interface DeviceEvent {
  readonly event: 'device';
  readonly at: Timestamp;
  readonly monitor: Id;
  readonly device: Id;
  readonly check: 'ping' | 'snmp';
  readonly state: ProbeState;
  /** `null` when this is the first that is known of it. */
  readonly previous: ProbeState | null;
  readonly address: string | null;
  /** What was seen, in a few words: round trip and loss, or the reason. */
  readonly detail: string;
}

/** An interface of a device went up or down. */
export interface InterfaceEvent {
  readonly event: 'interface';
  readonly at: Timestamp;
  readonly monitor: Id;
  readonly device: Id;
  readonly interface: string;
  readonly state: string;
  readonly previous: string;
}

/** A service of a monitor came or went. */
export interface ServiceEvent {
  readonly event: 'service';
  readonly at: Timestamp;
  readonly monitor: Id;
  readonly service: Id;
  readonly state: 'online' | 'offline';
}

/** A monitor lost or found its own way out. */
export interface MonitorEvent {
  readonly event: 'monitor';
  readonly at: Timestamp;
  readonly monitor: Id;
  readonly isolated: boolean;
}

/** How things stand, and what was seen since the last summary. */
export interface SummaryEvent {
  readonly event: 'summary';
  readonly at: Timestamp;
  readonly monitors: number;
  readonly devices: Readonly<Record<ProbeState, number>>;
  /** Observations since the last summary. */
  readonly observations: number;
  /** Median over the observations since the last summary that had a reply. */
  readonly rtt_median_ms: number | null;
}

/** An alert, or its end; first those that are open already. */
export interface AlertEvent extends Readonly<Alert> {
  readonly event: 'alert';
}

/** What the live view tells of: one JSON object a line with `--json`. */
export type LiveEvent = DeviceEvent | InterfaceEvent | ServiceEvent | MonitorEvent | AlertEvent | SummaryEvent;
