import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.ts';
import { HostClock } from './host-clock.ts';
import { seededRandom, shuffled } from './random.ts';

describe('the agenda', () => {
  it('lets things happen in the order of their time, and of entry where that is the same', () => {
    const agenda = new Agenda();
    const happened: string[] = [];
    agenda.at(20, () => happened.push('c'));
    agenda.at(10, () => {
      happened.push('a');
      agenda.after(0, () => happened.push('b, entered late'));
    });
    agenda.at(10, () => happened.push('b'));
    agenda.at(30, () => happened.push('never'));
    agenda.runUntil(20);
    expect(happened).toEqual(['a', 'b', 'b, entered late', 'c']);
    expect(agenda.now_ms).toBe(20);
  });

  it('keeps order among thousands, and leaves out what was called off', () => {
    const agenda = new Agenda();
    const random = seededRandom(1, 'test');
    const times: number[] = [];
    for (let index = 0; index < 5000; index++) {
      const appointment = agenda.at(Math.floor(random() * 1000), () => times.push(agenda.now_ms));
      appointment.cancelled = index % 3 === 0;
    }
    agenda.runUntil(1000);
    expect(times).toHaveLength(5000 - Math.ceil(5000 / 3));
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });
});

describe('seeded randomness', () => {
  it('is the same for a seed and a purpose, and differs between two', () => {
    const draw = (seed: number, purpose: string) => Array.from({ length: 5 }, seededRandom(seed, purpose));
    expect(draw(7, 'faults')).toEqual(draw(7, 'faults'));
    expect(draw(7, 'faults')).not.toEqual(draw(8, 'faults'));
    expect(draw(7, 'faults')).not.toEqual(draw(7, 'delays'));
  });

  it('is even enough, and shuffles without losing anything', () => {
    const random = seededRandom(3, 'test');
    let sum = 0;
    for (let index = 0; index < 10_000; index++) sum += random();
    expect(sum / 10_000).toBeCloseTo(0.5, 1);
    expect(shuffled(random, [1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
  });
});

describe('a host’s clocks', () => {
  it('run at their own rate, and know nothing of the true time', () => {
    const clock = new HostClock(1.02, 5000, 60_000);
    expect(clock.read(1000).monotonic_ms).toBe(6020);
    expect(clock.trueTime_ms(6020)).toBeCloseTo(1000);
    expect(clock.read(1000).wall_ms - clock.read(0).wall_ms).toBe(1000);
  });

  it('do not confound a wall clock that is set with time that passes', () => {
    const clock = new HostClock(1, 0, 0);
    const before = clock.read(10);
    clock.setWall(-3_600_000);
    expect(clock.read(10).monotonic_ms).toBe(before.monotonic_ms);
    expect(clock.read(10).wall_ms).toBe(before.wall_ms - 3_600_000);
  });
});
