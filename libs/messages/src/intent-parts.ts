import type { Digest, Id, Intent } from '@guaita/model';
import { bucketLevel, bucketOf } from './bucket-level.ts';
import { packIntents, type IntentBucket } from './intent-bucket.ts';

/**
 * The longest message, in characters of JSON: three bytes each at most in UTF-8, which the 2 MiB hold that the embedded
 * broker takes. 60 monitors that feed the same 100,000 devices come to a quarter of it.
 */
const PART_characters = 512 * 1024;

/** The bits of a hash by which devices are parted; what shares all of them is parted by its order. */
const HASH_BITS = 24;

const LEVEL = /^([0-9a-f]{2})\.([1-9][0-9]{0,3})$/;

/** Where one message of a bucket of intents stands: part 0 is the bucket itself. */
export interface IntentPart {
  readonly bucket: number;
  readonly part: number;
}

/** A part of a bucket of intents as a topic level: `3f`, `3f.1`, `3f.2`. */
export function intentLevel({ bucket, part }: IntentPart): Id {
  return part === 0 ? bucketLevel(bucket) : `${bucketLevel(bucket)}.${part}`;
}

/** The part that a topic level names; `undefined` when it names none. */
export function intentPartOf(level: string): IntentPart | undefined {
  const [, bucket, part] = LEVEL.exec(level) ?? [level, level, '0'];
  const number = bucketOf(bucket);
  return number === undefined ? undefined : { bucket: number, part: Number(part) };
}

/**
 * The intents of one bucket as messages of a bearable size; none for no intents. Each can be joined by itself, in any
 * order. A device stays in its part when others change, as long as the parts are as many.
 *
 * @param digest over all of them.
 */
export function partIntents(
  intents: Iterable<Intent>,
  digest: Digest,
  limit_characters = PART_characters,
): IntentBucket[] {
  const parts: IntentBucket[] = [];
  const split = (some: readonly Intent[], bit: number): void => {
    if (some.length === 0) return;
    const whole = packIntents(some, digest);
    if (some.length === 1 || JSON.stringify(whole).length <= limit_characters) {
      parts.push(whole);
      return;
    }
    const isSecond = (intent: Intent, at: number): boolean =>
      bit < HASH_BITS ? ((spread(intent.subject) >>> bit) & 1) === 1 : at >= some.length / 2;
    split(
      some.filter((intent, at) => !isSecond(intent, at)),
      bit + 1,
    );
    split(some.filter(isSecond), bit + 1);
  };
  split([...intents], 0);
  return parts;
}

/** FNV-1a of 32 bits (Fowler, Noll, Vo; public domain), another hash than the one that makes the buckets. */
function spread(id: Id): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
