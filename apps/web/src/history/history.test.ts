import { describe, expect, it } from 'vitest';
import { latencyOf } from './latency.ts';
import { runsOf, sharesOf } from './strip.ts';
import { readAnswer } from './table.ts';
import { verdictRuns } from './verdicts.ts';

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
