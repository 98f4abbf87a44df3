import { field, object, type BoundObject, type Field } from '@guaita/antidote';
import type { Id } from '@guaita/model';

/** AntidoteDB's bucket (a namespace of keys) in which all of ours stand. */
const NAMESPACE = 'guaita';

/** What the sentinel holds. A change of the layout that older versions cannot read would change it. */
export const SENTINEL = 'guaita 1';

/**
 * Where everything stands in AntidoteDB. It tells objects apart by key only, not by type, so each type has keys of its
 * own; ids hold no `/`, so none can be mistaken for another. Registers of one writer are small: what moved is read, not
 * all. Keys are short since they are asked for every few seconds.
 */
export const LAYOUT = {
  /** Written once, by `connectDataCentres`: without it, what is read is not to be believed. */
  sentinel: object('register_lww', 'sentinel', NAMESPACE),
  /** The ids of all monitors. */
  monitors: object('set_aw', 'monitors', NAMESPACE),
  /** What is polled of a monitor (`Life`). */
  life: (monitor: Id): BoundObject<'register_lww'> => object('register_lww', `l/${monitor}`, NAMESPACE),
  header: (monitor: Id): BoundObject<'register_lww'> => object('register_lww', `h/${monitor}`, NAMESPACE),
  /** The version of each of its buckets (`BucketVersions`). */
  versions: (monitor: Id): BoundObject<'register_lww'> => object('register_lww', `v/${monitor}`, NAMESPACE),
  claims: (monitor: Id, bucket: number): BoundObject<'register_lww'> =>
    object('register_lww', `c/${monitor}/${bucket}`, NAMESPACE),
  /** Another text after each change of any intent. Many write it, and none of them must go unnoticed: multi-value. */
  intents: object('register_mv', 'intents', NAMESPACE),
  /** The digest of each bucket of intents. */
  intentIndex: object('map_rr', 'intents/index', NAMESPACE),
  intentDigest: (bucket: number): Field<'register_mv'> => field('register_mv', String(bucket)),
  /** The intents of a bucket by their keys. Two that were written at once both stay, and the newer stamp counts. */
  intentBucket: (bucket: number): BoundObject<'map_rr'> => object('map_rr', `i/${bucket}`, NAMESPACE),
  intent: (key: string): Field<'register_mv'> => field('register_mv', key),
} as const;
