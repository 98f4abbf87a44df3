import { field, object, type BoundObject, type Field } from '@guaita/antidote';
import type { Id } from '@guaita/model';

/** The namespace of keys (AntidoteDB calls it a bucket) in which all of ours stand. */
export const NAMESPACE = 'guaita';

/** What the sentinel holds. A change of the layout that older versions cannot read would change it. */
export const SENTINEL = 'guaita 1';

/**
 * Where everything stands in AntidoteDB. It tells objects apart by key only, not by type, so each type has keys of its
 * own; ids hold no `/`, so none can be mistaken for another. Registers of one writer are small: what moved is read, not
 * all. Keys are short since they are asked for every few seconds.
 */
export class Layout {
  /** Written once, by `connectDataCentres`: without it, what is read is not to be believed. */
  readonly sentinel: BoundObject<'register_lww'>;
  /** The ids of all monitors. */
  readonly monitors: BoundObject<'set_aw'>;
  /** Another text after each change of any intent. Many write it, and none must go unnoticed: multi-value. */
  readonly intents: BoundObject<'register_mv'>;
  /** The digest of each bucket of intents. */
  readonly intentIndex: BoundObject<'map_rr'>;
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
    this.sentinel = object('register_lww', 'sentinel', namespace);
    this.monitors = object('set_aw', 'monitors', namespace);
    this.intents = object('register_mv', 'intents', namespace);
    this.intentIndex = object('map_rr', 'intents/index', namespace);
  }

  /** What is polled of a monitor (`Life`). */
  life(monitor: Id): BoundObject<'register_lww'> {
    return object('register_lww', `l/${monitor}`, this.#namespace);
  }

  header(monitor: Id): BoundObject<'register_lww'> {
    return object('register_lww', `h/${monitor}`, this.#namespace);
  }

  /** What was written last at the data centre of a server, to see where it arrives. */
  echo(address: string): BoundObject<'register_lww'> {
    return object('register_lww', `e/${address}`, this.#namespace);
  }

  /** The version of each of its buckets (`BucketVersions`). */
  versions(monitor: Id): BoundObject<'register_lww'> {
    return object('register_lww', `v/${monitor}`, this.#namespace);
  }

  claims(monitor: Id, bucket: number): BoundObject<'register_lww'> {
    return object('register_lww', `c/${monitor}/${bucket}`, this.#namespace);
  }

  /** The intents of a bucket by their keys. Two that were written at once both stay, and the newer stamp counts. */
  intentBucket(bucket: number): BoundObject<'map_rr'> {
    return object('map_rr', `i/${bucket}`, this.#namespace);
  }

  /** The fields of `intentBucket`. */
  intent(key: string): Field<'register_mv'> {
    return field('register_mv', key);
  }

  /** The fields of `intentIndex`. */
  intentDigest(bucket: number): Field<'register_mv'> {
    return field('register_mv', String(bucket));
  }
}
