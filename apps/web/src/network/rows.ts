import type { Samples } from './samples.ts';
import type { State } from './state.ts';

/** What a monitor says of a device in its claim. */
export interface Claim {
  readonly monitor: string;
  readonly state: 'held' | 'leaving';
  readonly sees: 'unprobed' | 'answering' | 'down';
  readonly downSince_ms: number | undefined;
}

/** A device's inventory entry and who watches it. */
export interface Spec {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly parents: readonly string[];
  readonly tags: readonly string[];
  readonly monitors: readonly string[];
  readonly leaving: readonly string[];
  readonly planned: readonly string[];
  readonly claims: readonly Claim[];
  readonly onlySites: readonly string[];
  readonly source: string;
  readonly pingInterval_s: number | undefined;
  readonly snmpInterval_s: number | undefined;
}

export interface Vote {
  readonly monitor: string;
  readonly sees: 'unprobed' | 'answering' | 'down';
  readonly downSince_ms: number | undefined;
  readonly counts: boolean;
  readonly whyNot: string | undefined;
}

/** What all monitors that watch a device together say of it. */
export interface Verdict {
  readonly state: State;
  readonly since_ms: number;
  readonly reason: string;
  readonly isFlapping: boolean;
  readonly maintenanceUntil_ms: number | undefined;
  readonly votes: readonly Vote[];
}

/** What one monitor saw in its newest probe, and the probes before it. */
export interface Seen {
  at_ms: number;
  state: 'up' | 'down' | 'unknown';
  reason: string | undefined;
  address: string | undefined;
  loss_percent: number | undefined;
  rttMin_ms: number | undefined;
  rtt_ms: number | undefined;
  rttMax_ms: number | undefined;
  jitter_ms: number | undefined;
  readonly samples: Samples;
}

export interface Trouble {
  readonly kind: string;
  readonly part: string | undefined;
  readonly since_ms: number;
  readonly value: number | undefined;
  readonly usual: number | undefined;
}

/** All that is known of a device. Rows are changed in place: there are thousands, and each is heard every few seconds. */
export interface DeviceRow {
  readonly id: string;
  spec: Spec | undefined;
  verdict: Verdict | undefined;
  /** By monitor. */
  readonly seen: Map<string, Seen>;
  readonly troubles: Map<string, readonly Trouble[]>;
  /** All that a search looks into, in lower case. */
  haystack: string;
  /** In which connection the entry and the verdict were last heard. */
  specHeard: number;
  verdictHeard: number;
}

export interface MonitorRow {
  readonly id: string;
  readonly site: string;
  readonly isAlive: boolean;
  readonly isIsolated: boolean;
  readonly isProbing: boolean;
  readonly isDraining: boolean;
  readonly isComplete: boolean;
  readonly devices: number;
  readonly capacity: number | undefined;
  readonly held: number | undefined;
  readonly leaving: number;
  readonly at_ms: number | undefined;
  readonly links: readonly string[];
  readonly tags: readonly string[];
  readonly troubles: readonly string[];
  readonly heard: number;
}

export interface AlertRow {
  readonly id: string;
  readonly kind: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly subject: string;
  readonly part: string | undefined;
  readonly name: string;
  readonly since_ms: number;
  readonly text: string;
  readonly silenced: { readonly by: string; readonly why: string; readonly until_ms: number } | undefined;
  readonly acknowledged: { readonly by: string; readonly why: string; readonly at_ms: number } | undefined;
  readonly heard: number;
}

export interface SilenceRow {
  readonly id: string;
  readonly by: string;
  readonly why: string;
  readonly until_ms: number;
  /** Each list that is not empty has to be met. */
  readonly scope: Readonly<
    Record<'devices' | 'monitors' | 'tags' | 'sites' | 'kinds' | 'severities', readonly string[]>
  >;
  readonly heard: number;
}

/** Names with what is told of each: a service's attributes, a member's tags. */
export type Pairs = readonly (readonly [string, string])[];

/** A service of this host or of another node, as serf-publisher tells of it. */
export interface ServiceRow {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly address: string;
  readonly port: number;
  readonly isUdp: boolean;
  /** The node on which it runs. */
  readonly node: string;
  /** Who tells of it. */
  readonly source: string;
  readonly attributes: Pairs;
  readonly heard: number;
}

/** A member of the Serf cluster. */
export interface MemberRow {
  readonly id: string;
  readonly name: string;
  readonly status: 'alive' | 'leaving' | 'left' | 'failed';
  readonly address: string;
  readonly port: number;
  readonly since_ms: number | undefined;
  readonly tags: Pairs;
  readonly heard: number;
}

/** Something that happened while the page was open. */
export type Change =
  | {
      readonly what: 'state';
      readonly at_ms: number;
      readonly device: string;
      readonly from: State;
      readonly to: State;
      readonly reason: string;
    }
  | {
      readonly what: 'handover';
      readonly at_ms: number;
      readonly device: string;
      readonly gained: readonly string[];
      readonly lost: readonly string[];
    }
  | {
      readonly what: 'monitor';
      readonly at_ms: number;
      readonly monitor: string;
      readonly text: string;
      readonly isGood: boolean;
    };
