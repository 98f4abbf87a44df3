import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rankedFor } from './rank.ts';

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const monitors = fc.uniqueArray(id, { minLength: 1, maxLength: 8 });

it('ranks the same monitors alike, in whatever order they are known', () => {
  fc.assert(
    fc.property(id, monitors, (work, known) => {
      expect(rankedFor(work, [...known].reverse())).toEqual(rankedFor(work, known));
    }),
  );
});

it('leaves the order of the others as it is when one leaves', () => {
  fc.assert(
    fc.property(id, monitors, fc.nat(), (work, known, index) => {
      const gone = known[index % known.length];
      const rest = known.filter((monitor) => monitor !== gone);
      expect(rankedFor(work, rest)).toEqual(rankedFor(work, known).filter((monitor) => monitor !== gone));
    }),
  );
});

it('spreads work over all', () => {
  const firsts = Array.from({ length: 3000 }, (_, n) => rankedFor(`device-${n}`, ['a', 'b', 'c'])[0]);
  for (const monitor of ['a', 'b', 'c']) {
    const share = firsts.filter((first) => first === monitor).length;
    expect(share).toBeGreaterThan(850);
    expect(share).toBeLessThan(1150);
  }
});
