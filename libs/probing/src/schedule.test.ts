import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Schedule } from './schedule.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

/** Asks second by second, and gives what was due in each. */
function run(schedule: Schedule, from_s: number, seconds: number): string[][] {
  return Array.from({ length: seconds }, (_, index) => schedule.due((from_s + index) * 1000));
}

function times(batches: string[][], key: string): number[] {
  return batches.flatMap((batch, second) => batch.filter((due) => due === key).map(() => second));
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `device-${index}`);

describe('the schedule', () => {
  it('has a new device due at once, and then in its phase', () => {
    const schedule = new Schedule();
    schedule.set('a', 60, 5_200);
    expect(schedule.behind).toBe(true);
    expect(schedule.due(5_300)).toEqual(['a']);
    const later = times(run(schedule, 6, 600), 'a');
    expect(later.length).toBeGreaterThanOrEqual(9);
    expect(later[0]).toBeGreaterThanOrEqual(29);
    for (const [index, second] of later.slice(1).entries()) expect(second - later[index]!).toBe(60);
  });

  it('has 10,000 devices of 60 s due once per interval each, within 20 % of the mean in every second', () => {
    const schedule = new Schedule(500);
    for (const name of names(10_000)) schedule.set(name, 60, 0);
    run(schedule, 0, 120);
    const minute = run(schedule, 120, 60);
    expect(new Set(minute.flat()).size).toBe(10_000);
    expect(minute.flat()).toHaveLength(10_000);
    const mean = 10_000 / 60;
    for (const batch of minute) expect(Math.abs(batch.length - mean) / mean).toBeLessThan(0.2);
  });

  it('stays within 20 % when half of the devices were released and as many came', () => {
    const schedule = new Schedule(10_000);
    for (const name of names(10_000)) schedule.set(name, 60, 0);
    for (const name of names(10_000).filter((_, index) => index % 2 === 0)) schedule.delete(name);
    for (const name of names(5_000)) schedule.set(`new-${name}`, 60, 0);
    run(schedule, 0, 120);
    const mean = 10_000 / 60;
    for (const batch of run(schedule, 120, 60)) expect(Math.abs(batch.length - mean) / mean).toBeLessThan(0.2);
  });

  it('has a device due once that is wanted soon, within the burst, and then in its phase', () => {
    const schedule = new Schedule(2);
    for (const name of names(4)) schedule.set(name, 600, 0);
    run(schedule, 0, 20);
    for (const name of [...names(3), 'device-0', 'unknown']) schedule.soon(name);
    expect(run(schedule, 20, 3)).toEqual([['device-0', 'device-1'], ['device-2'], []]);
    // One that was just due may do without its next turn.
    const turns = run(schedule, 23, 1_200).flat();
    for (const name of names(4)) expect(turns.filter((due) => due === name).length).toBeGreaterThanOrEqual(1);
    expect(turns.length).toBeLessThanOrEqual(8);
  });

  it('spreads the start of 10,000 devices', () => {
    const schedule = new Schedule(500);
    for (const name of names(10_000)) schedule.set(name, 60, 0);
    const start = run(schedule, 0, 60);
    const mean = 10_000 / 60;
    for (const batch of start) expect(batch.length).toBeLessThanOrEqual(500 + mean * 1.2);
    expect(new Set(start.slice(0, 25).flat()).size).toBe(10_000);
  });

  it('gives each device that missed turns in a stall one probe, and no burst', () => {
    const schedule = new Schedule(500);
    for (const name of names(6_000)) schedule.set(name, 60, 0);
    run(schedule, 0, 180);
    const after = run(schedule, 180 + 600, 30);
    const counts = new Map<string, number>();
    for (const key of after.flat()) counts.set(key, (counts.get(key) ?? 0) + 1);
    expect(counts.size).toBe(6_000);
    expect(Math.max(...counts.values())).toBe(1);
    for (const batch of after) expect(batch.length).toBeLessThanOrEqual(500 + 120);
  });

  it('has a device due again when asked for, and not a second time for it', () => {
    const schedule = new Schedule();
    schedule.set('a', 3600, 0);
    schedule.due(0);
    schedule.again('a', 10_000);
    schedule.again('a', 2_500);
    expect(times(run(schedule, 1, 30), 'a')).toEqual([2]);
  });

  it('forgets a device that is taken out, whatever it was waiting for', () => {
    const schedule = new Schedule(1);
    for (const name of ['a', 'b']) schedule.set(name, 10, 0);
    schedule.again('b', 1000);
    schedule.delete('b');
    expect(run(schedule, 0, 40).flat()).not.toContain('b');
    expect(schedule.size).toBe(1);
  });

  it('has a device due within its new interval when that changes, and keeps to it', () => {
    const schedule = new Schedule();
    schedule.set('a', 3600, 0);
    run(schedule, 0, 1000);
    schedule.set('a', 20, 1_000_000);
    const due = times(run(schedule, 1001, 200), 'a');
    expect(due[0]).toBeLessThanOrEqual(20);
    for (const [index, second] of due.slice(1).entries()) expect(second - due[index]!).toBe(20);
  });

  it('keeps an interval as short as the looks at it', () => {
    const schedule = new Schedule();
    for (const key of ['a', 'b', 'c', 'd']) schedule.set(key, 1, 0);
    let turns = 0;
    for (let now_ms = 0; now_ms < 60_000; now_ms += 1003) turns += schedule.due(now_ms).length;
    expect(turns).toBeGreaterThan(4 * 57);
  });

  it('loses no turn of an interval of one second, however late in the second it is looked at', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 50, max: 999 }), { minLength: 50, maxLength: 50 }), (waits_ms) => {
        const schedule = new Schedule();
        schedule.set('a', 1, 0);
        const seconds: number[] = [];
        let now_ms = 0;
        for (const wait_ms of [0, ...waits_ms]) {
          now_ms += wait_ms;
          seconds.push(...schedule.due(now_ms).map(() => Math.floor(now_ms / 1000)));
        }
        expect(seconds).toEqual(Array.from({ length: Math.floor(now_ms / 1000) + 1 }, (_, second) => second));
      }),
    );
  });

  it('lets new devices in by bursts, and holds nobody else’s turn up for them', () => {
    const schedule = new Schedule(10);
    schedule.set('known', 10, 0);
    const before = times(run(schedule, 0, 20), 'known').at(-1)!;
    for (let index = 0; index < 25; index += 1) schedule.set(`new-${index}`, 60, 20_000);
    const batches = run(schedule, 20, 10);
    expect(batches.slice(0, 3).map((batch) => batch.filter((key) => key !== 'known').length)).toEqual([10, 10, 5]);
    expect(times(batches, 'known')).toEqual([before - 10]);
  });

  it('keeps every interval of any length, however the devices come and go', () => {
    const device = fc.record({
      interval_s: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.double({ min: 1, max: 90, noNaN: true })),
      joins_s: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(device, { minLength: 1, maxLength: 40 }), (devices) => {
        const schedule = new Schedule(1000);
        const seen = devices.map(() => [] as number[]);
        for (let second = 0; second < 500; second += 1) {
          for (const [index, { interval_s, joins_s }] of devices.entries()) {
            if (joins_s === second) schedule.set(String(index), interval_s, second * 1000);
          }
          for (const key of schedule.due(second * 1000)) seen[Number(key)]!.push(second);
        }
        for (const [index, { interval_s, joins_s }] of devices.entries()) {
          const due = seen[index]!;
          expect(due[0]).toBe(joins_s);
          for (const [at, second] of due.slice(1).entries()) {
            const gap = second - due[at]!;
            // Turns fall on whole seconds: one either way. The first gap may be half an interval shorter or longer.
            const slack = at === 0 ? interval_s / 2 : 0;
            expect(gap).toBeGreaterThanOrEqual(interval_s - slack - 1);
            expect(gap).toBeLessThanOrEqual(interval_s + slack + 1);
          }
          expect(499 - due.at(-1)!).toBeLessThanOrEqual(interval_s * 1.5 + 1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
