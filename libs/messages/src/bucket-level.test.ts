import { BUCKETS, isId } from '@guaita/model';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { bucketLevel, bucketOf } from './bucket-level.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

test('each bucket has a level of its own, which is an id and reads back', () => {
  const levels = Array.from({ length: BUCKETS }, (_, bucket) => bucketLevel(bucket));
  expect(new Set(levels).size).toBe(BUCKETS);
  for (const [bucket, level] of levels.entries()) {
    expect(isId(level)).toBe(true);
    expect(bucketOf(level)).toBe(bucket);
  }
});

test('nothing else is a bucket', () => {
  for (const number of [-1, BUCKETS, 1.5, Number.NaN]) expect(() => bucketLevel(number)).toThrow(RangeError);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', '9', 'a', 'f', 'A', 'g', '-', '.') }), (level) => {
      const bucket = bucketOf(level);
      if (bucket !== undefined) expect(bucketLevel(bucket)).toBe(level);
    }),
  );
});
