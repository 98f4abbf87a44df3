import { describe, expect, it } from 'vitest';
import { readAvailability } from './availability.ts';
import { latencyOf } from './latency.ts';
import { spanOfPeriod, type Period } from './periods.ts';
import { runsOf, sharesOf } from './strip.ts';
import { readAnswer } from './table.ts';
import { verdictRuns } from './verdicts.ts';
import { readWorst } from './worst.ts';

const at = (minute: number): string => new Date(minute * 60_000).toISOString();

describe('an answer of the history', () => {
  it('is read by its columns, in order of time, whatever their order', () => {
    const answer = readAnswer({
      resolution: 'raw',
      columns: ['at', 'received', 'sent', 'rtt_avg_ms'],
      monitors: {
        'pi-1': [
          [at(1), 2, 4, 7.5],
          [at(0), 4, 4, 3],
        ],
      },
    });
    const latency = latencyOf(answer.byMonitor.get('pi-1')!);
    expect(latency).toMatchObject({ at_s: [0, 60], median_ms: [3, 7.5], loss_percent: [0, 50], p95_ms: [] });
  });

  it('of rollups has percentiles', () => {
    const answer = readAnswer({
      resolution: '1h',
      columns: ['at', 'rtt_avg_ms', 'rtt_p50_ms', 'rtt_p95_ms'],
      monitors: { 'pi-1': [[at(0), 5, 4, 9]] },
    });
    expect(latencyOf(answer.byMonitor.get('pi-1')!)).toMatchObject({ median_ms: [4], p95_ms: [9] });
  });

  it.each([undefined, null, 7, [], {}, { columns: 'at', monitors: [] }, { columns: ['at'], monitors: { a: 'b' } }])(
    '%j is an empty one',
    (answer) => {
      expect(readAnswer(answer).byMonitor.size).toBe(0);
    },
  );
});

describe('a strip', () => {
  const table = (rows: unknown[]): ReturnType<typeof latencyOf> =>
    latencyOf(readAnswer({ columns: ['at', 'loss_percent'], monitors: { m: rows } }).byMonitor.get('m')!);

  it('joins what is alike, and shows where nobody looked as a gap', () => {
    const rows = [0, 1, 2, 3, 20, 21].map((minute) => [at(minute), minute === 2 ? 100 : minute === 3 ? 20 : 0]);
    expect(runsOf(table(rows), 22 * 60)).toEqual([
      { from_s: 0, to_s: 120, piece: 'up' },
      { from_s: 120, to_s: 180, piece: 'down' },
      { from_s: 180, to_s: 240, piece: 'lossy' },
      { from_s: 1200, to_s: 1320, piece: 'up' },
    ]);
  });

  it('tells shares of the time that is known', () => {
    const shares = sharesOf([
      { from_s: 0, to_s: 30, piece: 'up' },
      { from_s: 100, to_s: 110, piece: 'down' },
    ]);
    expect([...shares]).toEqual([
      ['up', 0.75],
      ['down', 0.25],
    ]);
  });

  it('of verdicts begins with what held before the span, and ends with what holds now', () => {
    const answer = {
      events: [
        { at: at(10), what: 'down' },
        { at: at(-5), what: 'up' },
        { at: at(11), what: 'nonsense' },
      ],
    };
    const newest = {
      state: 'up',
      since_ms: 15 * 60_000,
      reason: '',
      isFlapping: false,
      maintenanceUntil_ms: undefined,
      votes: [],
    } as const;
    expect(verdictRuns(answer, newest, 0, 1200)).toEqual([
      { from_s: 0, to_s: 600, piece: 'up' },
      { from_s: 600, to_s: 900, piece: 'down' },
      { from_s: 900, to_s: 1200, piece: 'up' },
    ]);
  });
});

describe('availability', () => {
  it('is told of each device over all its days or months, in the order of the answer', () => {
    const row = (device: unknown, from: string, up_s: unknown, down_s: unknown): unknown => ({
      device,
      from,
      up_s,
      down_s,
    });
    const rows = [
      row('ap', '2026-03-01T00:00:00.000Z', 60, 20),
      row('ap', '2026-03-02T00:00:00.000Z', 0, 0),
      row('sw', '2026-03-01T00:00:00.000Z', 100, 0),
      row(7, '2026-03-01T00:00:00.000Z', 1, 1),
      row('sw', 'once', 1, 1),
      'nonsense',
    ];
    expect(readAvailability({ availability: rows })).toEqual([
      {
        ...{ device: 'ap', percent: 75, up_s: 60, down_s: 20 },
        periods: [
          { from_ms: Date.UTC(2026, 2, 1), percent: 75, up_s: 60, down_s: 20 },
          { from_ms: Date.UTC(2026, 2, 2), percent: null, up_s: 0, down_s: 0 },
        ],
      },
      { ...{ device: 'sw', percent: 100, up_s: 100, down_s: 0 }, periods: [expect.objectContaining({ percent: 100 })] },
    ]);
  });

  it('of a report is that of whole days and months of UTC', () => {
    const now_ms = Date.UTC(2026, 2, 15, 12, 30);
    const told = (period: Period): string[] => {
      const { from_s, to_s, per } = spanOfPeriod(period, now_ms);
      return [from_s, to_s].map((at_s) => new Date(at_s * 1000).toISOString().slice(0, 10)).concat(per);
    };
    expect(told('30d')).toEqual(['2026-02-14', '2026-03-16', 'day']);
    expect(told('month')).toEqual(['2026-03-01', '2026-03-16', 'day']);
    expect(told('last-month')).toEqual(['2026-02-01', '2026-03-01', 'day']);
    expect(told('12mo')).toEqual(['2025-04-01', '2026-03-16', 'month']);
  });
});

describe('the worst', () => {
  it('stand once each, by the monitor for which they were worst', () => {
    const row = (device: string, part: string | null, monitor: string, value: number): object => ({
      ...{ device, part, monitor, value, count: 3 },
    });
    const worst = [
      row('ap', null, 'pi-2', 9),
      row('sw', 'eth0', 'pi-1', 8),
      row('ap', null, 'pi-1', 7),
      row('sw', 'eth1', 'pi-1', 1),
    ];
    expect(readWorst({ worst }, 2)).toEqual([
      {
        ...{ device: 'ap', part: undefined, value: 9 },
        seenBy: [
          { monitor: 'pi-2', value: 9, count: 3 },
          { monitor: 'pi-1', value: 7, count: 3 },
        ],
      },
      { device: 'sw', part: 'eth0', value: 8, seenBy: [{ monitor: 'pi-1', value: 8, count: 3 }] },
    ]);
    expect(readWorst({ worst: 'none' }, 2)).toEqual([]);
  });
});
