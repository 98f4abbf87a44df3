import type { Acknowledgement, Claim, Device, Id, Intent, Silence } from '@guaita/model';
import type { LinkMessage } from './link.ts';

/** Two readings of one moment. They are never compared with another host's. */
export interface Now {
  /** Never goes back: what everything is decided by. */
  readonly monotonic_ms: number;
  /** For stamps and people only. */
  readonly wall_ms: number;
}

/** What is known here of a monitor, for people and programs. */
export interface MonitorView {
  readonly site: Id;
  readonly tags: readonly Id[];
  /** Its newest run, and which connection to its broker: who sees it lost names the loss by them. */
  readonly incarnation: number;
  readonly session: number;
  readonly alive: boolean;
  readonly isolated: boolean;
  /** How often it has become so in this run. */
  readonly isolations: number;
  readonly probing: boolean;
  readonly draining: boolean;
  readonly capacity: number;
  /** How many monitors each device should have, as agreed here. */
  readonly monitors_per_device: number;
  /** Devices that it claims, held and leaving. */
  readonly held: number;
  readonly leaving: number;
  /** Its claims are known here in full. */
  readonly complete: boolean;
  /** The links over which it is heard now. */
  readonly links: readonly Id[];
}

/** A live monitor's claim on a device, and what it sees of it. */
export interface DeviceClaim extends Claim {
  readonly monitor: Id;
}

/** A device and who watches it. */
export interface DeviceView {
  readonly device: Device;
  /** Where the entry comes from: "command", or the monitor with its file. */
  readonly feeders: readonly Id[];
  /** Who should watch it, the first first. */
  readonly planned: readonly Id[];
  /** Live monitors that hold it. */
  readonly held: readonly Id[];
  /** Live monitors that watch it until others do. */
  readonly leaving: readonly Id[];
  /** What all these claim and see, by name. */
  readonly claims: readonly DeviceClaim[];
}

/** What a member wants done. It does nothing by itself. */
export type Effect =
  /** Say it over every link; over these only, when they are named. */
  | { readonly kind: 'say'; readonly message: LinkMessage; readonly links?: readonly Id[] | undefined }
  /** This monitor watches the device now, or something about that has changed. */
  | { readonly kind: 'watch'; readonly device: Device; readonly snmp: boolean }
  | { readonly kind: 'unwatch'; readonly device: Id }
  | { readonly kind: 'monitor'; readonly monitor: Id; readonly view: MonitorView | undefined }
  | { readonly kind: 'device'; readonly device: Id; readonly view: DeviceView | undefined }
  /** Alerts are silenced so; `undefined`: no longer. */
  | { readonly kind: 'silence'; readonly id: Id; readonly silence: Silence | undefined }
  /** An alert is acknowledged; `undefined`: no longer. */
  | { readonly kind: 'acknowledgement'; readonly alert: Id; readonly acknowledgement: Acknowledgement | undefined }
  /** Keep these on disk; they are all of their bucket. */
  | { readonly kind: 'store'; readonly bucket: number; readonly intents: Iterable<Intent> }
  /** Our incarnation was seen beside us: keep this one on disk. */
  | { readonly kind: 'incarnation'; readonly incarnation: number }
  /** Something an operator should know; `undefined` when it is mended. */
  | { readonly kind: 'trouble'; readonly about: string; readonly problem: string | undefined };
