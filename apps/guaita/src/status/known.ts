import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Header, Id } from '@guaita/model';

/** What a broker keeps of the cluster: what its own monitor told its audience, and the monitors' newest headers. */
export interface Known {
  readonly monitors: ReadonlyMap<Id, MonitorView>;
  readonly devices: ReadonlyMap<Id, DeviceSpec>;
  readonly headers: ReadonlyMap<Id, Header>;
  /** The monitors whose newest word is that they end. */
  readonly ended: ReadonlySet<Id>;
  /** The monitors whose assign service is there, on this broker; the lowest speaks. */
  readonly present: readonly Id[];
}
