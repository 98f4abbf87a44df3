import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';
import { Schedule } from './schedule.ts';

describe('the schedule', () => {
  it('polls a new device at once, then once in each interval in a phase of its own', () => {
    const schedule = new Schedule();
    schedule.set('a', 60, 0);
    const turns: number[] = [];
    for (let now_ms = 0; now_ms <= 600_000; now_ms += 1000) if (schedule.due(now_ms).includes('a')) turns.push(now_ms);
    expect(turns[0]).toBe(0);
    expect(turns[1]).toBeGreaterThanOrEqual(30_000);
    expect(turns[1]).toBeLessThanOrEqual(91_000);
    const gaps = turns.slice(2).map((turn, index) => turn - turns[index + 1]!);
    expect(new Set(gaps)).toEqual(new Set([60_000]));
  });

  it('keeps an interval as short as the looks at it', () => {
    const schedule = new Schedule();
    for (const key of ['a', 'b', 'c', 'd']) schedule.set(key, 1, 0);
    let turns = 0;
    for (let now_ms = 0; now_ms < 60_000; now_ms += 1003) turns += schedule.due(now_ms).length;
    expect(turns).toBeGreaterThan(4 * 57);
  });

  it('spreads devices evenly over the interval, however alike their names', () => {
    const schedule = new Schedule(100_000);
    for (let index = 0; index < 6000; index += 1) schedule.set(`switch-${index}`, 60, 0);
    schedule.due(0);
    const perSecond = new Array<number>(60).fill(0);
    for (let now_ms = 1000; now_ms < 120_000; now_ms += 1000) schedule.due(now_ms);
    for (let second = 0; second < 60; second += 1) perSecond[second] = schedule.due(120_000 + second * 1000).length;
    expect(perSecond.reduce((sum, count) => sum + count, 0)).toBe(6000);
    expect(Math.max(...perSecond)).toBeLessThan(160);
    expect(Math.min(...perSecond)).toBeGreaterThan(50);
  });

  it('lets new devices in by bursts, and holds nobody else’s turn up for them', () => {
    const schedule = new Schedule(10);
    schedule.set('known', 10, 0);
    schedule.due(0);
    for (let index = 0; index < 25; index += 1) schedule.set(`new-${index}`, 60, 20_000);
    expect(schedule.due(20_000)).toHaveLength(11);
    expect(schedule.due(20_001)).toHaveLength(10);
    expect(schedule.due(20_002)).toHaveLength(5);
  });

  it('makes one turn of those missed in a stall, and forgets who is taken out', () => {
    const schedule = new Schedule();
    schedule.set('a', 10, 0);
    schedule.set('b', 10, 0);
    schedule.due(0);
    schedule.delete('b');
    expect(schedule.due(3_600_000)).toEqual(['a']);
    expect(schedule.due(3_600_001)).toEqual([]);
    expect(schedule.size).toBe(1);
  });
});

describe('the lanes', () => {
  it('keep places for those that answer and for those that are new, however many are silent', () => {
    const lanes = new Lanes(4);
    for (let index = 0; index < 10; index += 1) lanes.enter(`silent-${index}`, 'slow');
    for (let index = 0; index < 10; index += 1) lanes.enter(`new-${index}`, 'new');
    const started = [lanes.next(), lanes.next(), lanes.next(), lanes.next()];
    expect(started.map((entry) => entry?.key)).toEqual(['new-0', 'new-1', 'silent-0', undefined]);
    lanes.enter('prompt', 'prompt');
    expect(lanes.next()).toEqual({ key: 'prompt', lane: 'prompt' });
    expect(lanes.next()).toBeUndefined();
    lanes.leave('slow');
    expect(lanes.next()?.key).toBe('silent-1');
    expect([lanes.busy, lanes.waiting]).toEqual([4, 16]);
  });

  it('queue nobody twice and start nobody who withdrew', () => {
    const lanes = new Lanes(2);
    expect([lanes.enter('a', 'slow'), lanes.enter('a', 'prompt')]).toEqual([true, false]);
    lanes.withdraw('a');
    expect(lanes.next()).toBeUndefined();
  });
});
