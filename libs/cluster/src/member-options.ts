import type { Id, Intent, Policy } from '@guaita/model';
import type { Patience } from './link.ts';

/** What one monitor is given. */
export interface MemberOptions {
  readonly self: Id;
  readonly site: Id;
  readonly tags: readonly Id[];
  /** How many devices this monitor can watch. */
  readonly capacity: number;
  /** Made once by each host. */
  readonly hostKey: string;
  /** Greater than the one on disk. */
  readonly incarnation: number;
  readonly policy: Policy;
  /** The sources of life, the fastest first; empty when this monitor is alone. */
  readonly patience: readonly Patience[];
  /** No other monitor was ever heard of here: before the first decision nobody's beats are waited for, until one is. */
  readonly alone?: boolean | undefined;
  /** What operators intend, from disk. */
  readonly intents: Iterable<Intent>;
  /** When that was last written, by the wall clock; left out when it is not known. */
  readonly written_ms?: number | undefined;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What the local ping service says of this host. */
export interface OwnProbing {
  readonly probing: boolean;
  readonly probe_age_s: number | null;
  readonly isolated: boolean;
}
