import type { BucketName } from '../rollup/buckets.ts';
import type { KindName } from '../kinds/kinds.ts';

/** What has a folder of its own in `history/`. */
export type KeptName = KindName | BucketName;

/** The sealed files of one folder, `ping/2026-11-23`, that may be taken away. */
export interface Kept {
  readonly name: KeptName;
  /** A day, a month or a year, by UTC. */
  readonly period: string;
  readonly files: readonly string[];
  readonly size_bytes: number;
}
