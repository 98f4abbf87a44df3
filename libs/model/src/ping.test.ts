import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { PingObservation, summariseRtts } from './ping.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

describe('summariseRtts', () => {
  it('sums up replies and losses', () => {
    expect(summariseRtts([10, null, 12, 9])).toEqual({
      sent: 4,
      received: 3,
      loss_percent: 25,
      rtt_min_ms: 9,
      rtt_avg_ms: 10.333,
      rtt_max_ms: 12,
      jitter_ms: 2.5,
    });
  });

  it('knows no round trip where no reply came, and no loss where nothing was sent', () => {
    expect(summariseRtts([null, null])).toMatchObject({ loss_percent: 100, rtt_avg_ms: null, jitter_ms: null });
    expect(summariseRtts([])).toMatchObject({ sent: 0, loss_percent: null });
  });

  it('always gives an observation that satisfies the schema, in order of size', () => {
    const rtt = fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }), { freq: 3 });
    fc.assert(
      fc.property(fc.array(rtt, { maxLength: 20 }), (rtts) => {
        const summary = summariseRtts(rtts);
        const at = '2026-01-01T00:00:00Z';
        expect(() => PingObservation.parse({ at, address: null, state: 'up', ...summary })).not.toThrow();
        if (summary.rtt_avg_ms === null) return;
        expect(summary.rtt_min_ms).toBeLessThanOrEqual(summary.rtt_avg_ms);
        expect(summary.rtt_avg_ms).toBeLessThanOrEqual(summary.rtt_max_ms ?? -1);
      }),
    );
  });
});
