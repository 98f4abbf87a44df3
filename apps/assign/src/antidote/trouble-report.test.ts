import { beforeEach, describe, expect, test } from 'vitest';
import { TroubleReport } from './trouble-report.ts';

describe('trouble', () => {
  let told: (string | undefined)[];
  let report: TroubleReport;

  beforeEach(() => {
    told = [];
    report = new TroubleReport((problem) => told.push(problem));
  });

  test('is told once when it lasts, and taken back when it has stayed away', () => {
    for (let now_ms = 0; now_ms <= 60_000; now_ms += 2_000) report.wrong('away', `refused at ${now_ms}`, now_ms);
    expect(told).toEqual(['refused at 10000']);
    for (let now_ms = 61_000; now_ms <= 90_000; now_ms += 1_000) report.well(now_ms);
    expect(told).toEqual(['refused at 10000']);
    report.well(91_000);
    report.well(92_000);
    expect(told).toEqual(['refused at 10000', undefined]);
  });

  test('that is over in a moment is told to nobody', () => {
    report.wrong('away', 'refused', 0);
    for (let now_ms = 5_000; now_ms <= 60_000; now_ms += 5_000) report.well(now_ms);
    report.wrong('away', 'refused', 65_000);
    expect(told).toEqual([]);
  });

  test('that comes and goes is told once, not at each turn', () => {
    for (let now_ms = 0; now_ms <= 120_000; now_ms += 16_000) {
      report.wrong('away', 'refused', now_ms);
      report.well(now_ms + 8_000);
    }
    expect(told).toEqual(['refused']);
  });

  test('of another kind is told in its place', () => {
    report.wrong('away', 'refused', 0);
    report.wrong('away', 'refused', 10_000);
    report.wrong('unfit', 'no sentinel', 11_000);
    expect(told).toEqual(['refused', 'no sentinel']);
  });
});
