import { expect, it } from 'vitest';
import { VERDICT_DEFAULTS } from './options.ts';
import { Standing } from './standing.ts';

const flapping = VERDICT_DEFAULTS.flapping([]);

function at(seconds: number) {
  return { monotonic_ms: seconds * 1000, wall_ms: seconds * 1000 };
}

it('begins when its voters say that it began, unless their clocks are ahead', () => {
  const standing = new Standing(at(0));
  standing.judge('down', 0, 40_000, at(50), flapping);
  expect(standing.since).toBe('1970-01-01T00:00:40.000Z');
  standing.judge('up', 0, undefined, at(60), flapping);
  standing.judge('down', 0, 3_600_000, at(70), flapping);
  expect(standing.since).toBe('1970-01-01T00:01:10.000Z');
});

it('waits by the monotonic clock alone', () => {
  const standing = new Standing(at(0));
  standing.judge('up', 10, undefined, at(0), flapping);
  standing.judge('up', 10, undefined, { monotonic_ms: 9_999, wall_ms: 1e12 }, flapping);
  expect(standing.state).toBe('unknown');
  standing.judge('up', 10, undefined, { monotonic_ms: 10_000, wall_ms: -1e12 }, flapping);
  expect(standing.state).toBe('up');
});
