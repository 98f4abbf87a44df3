import { Stamp } from '@guaita/model';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { compareStamps, HybridClock, isAhead, STAMP_AHEAD_ms } from './hlc.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

test('a stamp bears the wall time, and counts on while that stands still or goes back', () => {
  const clock = new HybridClock('one');
  expect(clock.stamp(1000)).toEqual({ at_ms: 1000, counter: 0, writer: 'one' });
  expect(clock.stamp(1000)).toEqual({ at_ms: 1000, counter: 1, writer: 'one' });
  expect(clock.stamp(200)).toEqual({ at_ms: 1000, counter: 2, writer: 'one' });
  expect(clock.stamp(1001.7)).toEqual({ at_ms: 1001, counter: 0, writer: 'one' });
});

test('a stamp is greater than all that were seen, from however fast a clock', () => {
  const clock = new HybridClock('one');
  clock.saw({ at_ms: 5000, counter: 7, writer: 'two' }, 1000);
  expect(clock.stamp(1000)).toEqual({ at_ms: 5000, counter: 8, writer: 'one' });
});

test('a stamp stays one that others take, however high the one that was seen has counted', () => {
  const clock = new HybridClock('one');
  const seen = { at_ms: 5000, counter: Number.MAX_SAFE_INTEGER, writer: 'two' };
  clock.saw(seen, 1000);
  const next = clock.stamp(1000);
  expect(Stamp.parse(next)).toEqual(next);
  expect(compareStamps(next, seen)).toBeGreaterThan(0);
});

test('stamps of one clock always rise, whatever the wall clock does and whatever is seen', () => {
  const event = fc.record({
    wall_ms: fc.nat(50),
    seen: fc.option(fc.record({ at_ms: fc.nat(50), counter: fc.nat(3) })),
  });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const clock = new HybridClock('one');
      let last = clock.stamp(0);
      for (const { wall_ms, seen } of events) {
        const other = seen === null ? undefined : { ...seen, writer: 'two' };
        if (other !== undefined) clock.saw(other, wall_ms);
        const next = clock.stamp(wall_ms);
        expect(compareStamps(next, last)).toBeGreaterThan(0);
        if (other !== undefined) expect(compareStamps(next, other)).toBeGreaterThan(0);
        last = next;
      }
    }),
  );
});

test('a stamp that is far ahead is not followed, be it of another or of this very clock', () => {
  const clock = new HybridClock('one');
  const ahead = { at_ms: 1001 + STAMP_AHEAD_ms, counter: 3, writer: 'two' };
  clock.saw(ahead, 1000);
  expect(clock.stamp(1000)).toEqual({ at_ms: 1000, counter: 0, writer: 'one' });
  expect(clock.stamp(ahead.at_ms)).toEqual({ at_ms: ahead.at_ms, counter: 0, writer: 'one' });
  expect(clock.stamp(1000)).toEqual({ at_ms: 1000, counter: 0, writer: 'one' });
});

test('a stamp for what takes the place of something is greater than its stamp, and the next is not', () => {
  const clock = new HybridClock('one');
  const ahead = { at_ms: 1001 + STAMP_AHEAD_ms, counter: 3, writer: 'two' };
  expect(clock.stamp(1000, ahead)).toEqual({ at_ms: ahead.at_ms, counter: 4, writer: 'one' });
  expect(clock.stamp(1000)).toEqual({ at_ms: 1000, counter: 1, writer: 'one' });
});

test('stamps are ordered by time, then count, then writer', () => {
  const stamp = { at_ms: 10, counter: 2, writer: 'b' };
  expect(compareStamps(stamp, stamp)).toBe(0);
  for (const older of [
    { ...stamp, at_ms: 9, counter: 9 },
    { ...stamp, counter: 1, writer: 'c' },
    { ...stamp, writer: 'a' },
  ]) {
    expect(compareStamps(older, stamp)).toBeLessThan(0);
    expect(compareStamps(stamp, older)).toBeGreaterThan(0);
  }
});

test('a stamp is refused when it is more than a day ahead, and not before', () => {
  const stamp = { at_ms: 1000 + STAMP_AHEAD_ms, counter: 0, writer: 'a' };
  expect(isAhead(stamp, 1000)).toBe(false);
  expect(isAhead(stamp, 999)).toBe(true);
});
