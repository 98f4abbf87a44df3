import { BUCKETS, type Header } from '@guaita/model';
import type { Life } from './life.ts';

/** What was read of a monitor. */
export interface Peer {
  /** The newest that was ever read. */
  life: Life | undefined;
  /** When the last read that found this the newest was asked for: if it moves soon after, the monitor did so just now. */
  newest_ms: number;
  header: Header | undefined;
  headerDigest: string | undefined;
  /** Incarnation and claims version up to which the buckets were read. */
  claims: string | undefined;
  /** The version of each bucket that was read, of one incarnation. */
  readonly buckets: number[];
  bucketsOf: number;
}

/** A monitor of which nothing was read yet. */
export function newPeer(): Peer {
  return {
    ...{ life: undefined, newest_ms: -Infinity, header: undefined, headerDigest: undefined, claims: undefined },
    ...{ buckets: Array.from({ length: BUCKETS }, () => 0), bucketsOf: 0 },
  };
}
