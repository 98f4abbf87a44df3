import { BUCKETS, type Id } from '@guaita/model';

const BUCKET_LEVEL = /^[0-9a-f]{2}$/;

/** A bucket's number as a topic level: two hexadecimal digits. */
export function bucketLevel(bucket: number): Id {
  if (!Number.isInteger(bucket) || bucket < 0 || bucket >= BUCKETS) {
    throw new RangeError(`${bucket} is no bucket: buckets are numbered 0 to ${BUCKETS - 1}`);
  }
  return bucket.toString(16).padStart(2, '0');
}

/** The bucket that a topic level names; `undefined` when it names none. */
export function bucketOf(level: string): number | undefined {
  return BUCKET_LEVEL.test(level) ? Number.parseInt(level, 16) : undefined;
}
