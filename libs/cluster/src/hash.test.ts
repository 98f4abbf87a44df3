import { expect, test } from 'vitest';
import { SetDigest } from './digest.ts';
import { bucketOf, hashText } from './hash.ts';

test('buckets are the same for ever: monitors of every version must agree on them', () => {
  const golden = ['router', 'switch-1', 'a', 'pi.example.org', '10.0.0.1'].map((id) => [id, bucketOf(id)]);
  expect(golden).toMatchInlineSnapshot(`
    [
      [
        "router",
        130,
      ],
      [
        "switch-1",
        145,
      ],
      [
        "a",
        1,
      ],
      [
        "pi.example.org",
        16,
      ],
      [
        "10.0.0.1",
        35,
      ],
    ]
  `);
  expect([hashText(''), hashText('router'), hashText('router', 1)]).toMatchInlineSnapshot(`
    [
      0,
      1138545282,
      2861132529,
    ]
  `);
});

test('devices spread evenly over all buckets', () => {
  const counts = Array<number>(256).fill(0);
  for (let n = 0; n < 25_600; n += 1) {
    const bucket = bucketOf(`host-${n}`);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(60);
  expect(Math.max(...counts)).toBeLessThan(145);
});

test('digests are the same for ever', () => {
  const digest = new SetDigest();
  digest.toggle(3, 7);
  expect(digest.text).toMatchInlineSnapshot(`"2cd9f1e024390130"`);
  digest.toggle(200, 2 ** 45 + 1);
  expect(digest.text).toMatchInlineSnapshot(`"94171c7e0ccac2ea"`);
});
