import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { EMPTY_DIGEST, SetDigest } from './digest.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

function digestOf(elements: readonly (readonly number[])[]): string {
  const digest = new SetDigest();
  for (const element of elements) digest.toggle(...element);
  return digest.text;
}

const element = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.maxSafeNat());

test('a digest does not depend on the order in which a set was made', () => {
  fc.assert(
    fc.property(fc.uniqueArray(element, { selector: String }), fc.infiniteStream(fc.nat()), (elements, order) => {
      const shuffled = elements.map((each) => ({ each, at: order.next().value as number }));
      shuffled.sort((a, b) => a.at - b.at);
      expect(digestOf(shuffled.map(({ each }) => each))).toBe(digestOf(elements));
    }),
  );
});

test('what was put in and taken out again leaves no trace', () => {
  fc.assert(
    fc.property(fc.uniqueArray(element, { selector: String }), fc.nat(), (elements, keep) => {
      const kept = elements.slice(0, keep % (elements.length + 1));
      expect(digestOf([...elements, ...elements.slice(kept.length)])).toBe(digestOf(kept));
    }),
  );
});

test('different sets have different digests, also where numbers differ beyond 32 bits', () => {
  const digests = new Set<string>();
  for (let bucket = 0; bucket < 256; bucket += 1)
    for (const version of [1, 2, 3, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 52]) digests.add(digestOf([[bucket, version]]));
  expect(digests.size).toBe(256 * 7);
  expect(digestOf([])).toBe(EMPTY_DIGEST);
});
