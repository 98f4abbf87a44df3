import type { Id, Policy } from '@guaita/model';

/** What the process that plays the other monitors is given, as JSON in the first line of its input. */
export interface Play {
  readonly broker: string;
  /** The monitor that is measured. */
  readonly self: Id;
  readonly others: readonly { readonly monitor: Id; readonly site: Id }[];
  readonly devices: readonly Id[];
  readonly capacity: number;
  readonly policy: Policy;
  readonly interval_s: number;
  /** An AntidoteDB server to which they write what they would. */
  readonly antidote: string | undefined;
}

/** What it tells, a line of JSON every second. */
export interface Told {
  /** All that is played was said. */
  readonly ready: boolean;
  /** The measured monitor claims just what it should, and holds all of it. */
  readonly settled: boolean;
  /** Claims of the measured monitor, and how many it should have. */
  readonly claims: number;
  readonly planned: number;
  /** Bytes of buckets that the measured monitor has said so far. */
  readonly bucketBytes: number;
  /** The longest time between two of its beats since the others died. */
  readonly pause_ms: number;
}

export const SELF = 'measured';
