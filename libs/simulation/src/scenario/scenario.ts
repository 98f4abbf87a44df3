import type { Device, Id, Policy } from '@guaita/model';
import type { Weather } from '../network/pipe.ts';
import type { Fault } from './fault.ts';

/** A monitor of a scenario. */
export interface MonitorSpec {
  readonly monitor: Id;
  readonly site: Id;
  readonly tags: readonly Id[];
  readonly capacity: number;
  /** Its broker: one of its own under its own id, or one that several share. */
  readonly broker: Id;
  /** It is there from the beginning; else a fault brings it in. */
  readonly present: boolean;
  readonly clock: { readonly rate: number; readonly start_ms: number; readonly wallError_ms: number };
  /** What its inventory file has at first. */
  readonly file: readonly Device[];
}

/** Which links carry the state. */
export type Links = 'mqtt' | 'database' | 'both';

/** A whole run, but for what the members do. Plain data: the same scenario always runs the same way. */
export interface Scenario {
  /** Decides the network's lots and the members' own. */
  readonly seed: number;
  readonly links: Links;
  readonly monitors: readonly MonitorSpec[];
  readonly policy: Policy;
  /** When nothing is wrong with it. */
  readonly weather: Weather;
  /** A host looks at what has come in this long after it came, and at all of it together. */
  readonly batch_ms: number;
  /** Messages that a broker keeps for one peer or client. */
  readonly queueLimit: number;
  /** In order of time. */
  readonly faults: readonly Fault[];
  readonly end_ms: number;
}
