import { rankedFor } from '@guaita/assignment';
import { channels, TOLD_MOST } from '@guaita/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Now } from '../now.ts';
import { Notifications } from './notifications.ts';
import { readTimeWindow, Times } from './times.ts';
import { alertOf, NOON_ms, PHONE, World } from './world.testdata.ts';

const MONITORS = ['a', 'b', 'c'];
const ranked = (id: string): string[] => rankedFor(`device-${id}`, MONITORS);

describe('a receiver', { timeout: 60_000 }, () => {
  it('is told by one monitor that an alert begins and that it is over', () => {
    const world = new World(MONITORS);
    world.open('x');
    world.run(60);
    world.close('x');
    world.run(60);
    const [first] = ranked('x');
    expect(world.arrived).toEqual([`${first} phone x-begin`, `${first} phone x-end`]);
    expect(world.texts).toEqual(['Device x is down', 'it is up again']);
  });

  it('is told by the next in rank when the first says nothing for 10 s, and by the third after that', () => {
    const [first, second, third] = ranked('x');
    const deaf = new Set([first]);
    const world = new World(MONITORS, [PHONE], (what) =>
      deaf.has(what.split(' ')[1]) && what.startsWith('request') ? 3.6e6 : 10,
    );
    world.open('x');
    world.run(9.9);
    expect(world.arrived).toEqual([]);
    world.run(0.3);
    expect(world.arrived).toEqual([`${second} phone x-begin`]);
    expect(world.aborted).toEqual([`${first} phone x`]);
    deaf.add(second);
    world.close('x');
    world.run(19.9);
    expect(world.arrived).toHaveLength(1);
    world.run(0.3);
    expect(world.arrived.slice(1)).toEqual([`${third} phone x-end`]);
    world.run(300);
    expect(world.arrived).toHaveLength(2);
  });

  it('is told at once by the first in rank of those who have it, and by the next of these when that one says nothing', () => {
    const [first = '', second, third] = ranked('x');
    const deaf = new Set<string>();
    const isDeaf = (what: string): boolean => deaf.has(what.split(' ')[1] ?? '') && what.startsWith('request');
    const world = new World(MONITORS, [PHONE], (what) => (isDeaf(what) ? 3.6e6 : 10), [first]);
    world.open('x');
    world.run(1);
    expect(world.arrived).toEqual([`${second} phone x-begin`]);
    deaf.add(second ?? '');
    world.close('x');
    world.run(9.9);
    expect(world.arrived).toHaveLength(1);
    world.run(0.3);
    expect(world.arrived.slice(1)).toEqual([`${third} phone x-end`]);
    world.run(300);
    expect(world.arrived).toHaveLength(2);
  });

  it('is told of nothing that is over before it was told, by whomever', () => {
    const late = { ...PHONE, after_ms: 900_000 };
    const world = new World(MONITORS, [late]);
    world.open('x');
    world.run(899);
    world.close('x');
    world.run(3600);
    expect(world.arrived).toEqual([]);
  });

  it('for whom it must have been open for long is told then, unless somebody has acknowledged it', () => {
    const world = new World(MONITORS, [{ ...PHONE, after_ms: 900_000 }]);
    for (const id of ['x', 'y']) world.open(id);
    world.run(600);
    world.open('y', { acknowledged: { who: 'ann' } } as object);
    world.run(299);
    expect(world.keys).toEqual([]);
    world.run(40);
    expect(world.keys).toEqual(['x-begin']);
  });

  it('is told of what has been open for long enough also where everybody was restarted meanwhile', () => {
    const world = new World(MONITORS, [{ ...PHONE, after_ms: 900_000 }]);
    world.open('x');
    world.run(600);
    for (const monitor of MONITORS) world.kill(monitor);
    world.run(100);
    for (const monitor of MONITORS) world.start(monitor);
    world.run(199);
    expect(world.keys).toEqual([]);
    world.run(10);
    expect(world.keys).toEqual(['x-begin']);
  });

  it('is told of an end in the words in which it was said also where everybody was restarted meanwhile', () => {
    const world = new World(MONITORS);
    world.open('x');
    world.run(60);
    world.answer = () => ({ is: 'failed', why: 'it answered 503' });
    world.close('x');
    world.run(5);
    for (const monitor of MONITORS) world.kill(monitor);
    world.run(100);
    world.answer = () => ({ is: 'arrived' });
    for (const monitor of MONITORS) world.start(monitor);
    world.run(60);
    expect(world.keys).toEqual(['x-begin', 'x-end']);
    expect(world.texts).toEqual(['Device x is down', 'it is up again']);
  });

  it('is not told of an end once more by who was away while others told it, nor of one of long ago', () => {
    const world = new World(MONITORS);
    world.open('x');
    world.run(60);
    world.answer = () => ({ is: 'failed', why: 'it answered 503' });
    world.close('x');
    world.run(5);
    world.kill('b');
    world.answer = () => ({ is: 'arrived' });
    world.run(120);
    world.start('b');
    world.run(1200);
    expect(world.keys).toEqual(['x-begin', 'x-end']);
    world.open('y');
    world.run(60);
    world.answer = () => ({ is: 'failed', why: 'it answered 503' });
    world.close('y');
    world.run(5);
    for (const monitor of MONITORS) world.kill(monitor);
    world.answer = () => ({ is: 'arrived' });
    world.run(86_400);
    for (const monitor of MONITORS) world.start(monitor);
    world.run(1200);
    expect(world.keys).toEqual(['x-begin', 'x-end', 'y-begin']);
  });

  it('is not told again by who was away with its broker, however late others reach that one', () => {
    for (const bridge_s of [0.1, 9, 15, 30]) {
      const world = new World(MONITORS, [PHONE], (what) =>
        what.startsWith('bridge') ? bridge_s * 1000 : what.startsWith('look') ? 12_000 : 10,
      );
      const [first = ''] = ranked('x');
      world.open('x');
      world.run(10);
      world.kill(first, true);
      world.open('y', { subject: 'device-x' });
      world.run(30);
      world.close('x');
      world.run(30);
      world.start(first);
      world.run(600);
      expect(world.keys).toEqual(['x-begin', 'y-begin', 'x-end']);
    }
  });

  it('is told once where the first in rank dies shortly before the third would send', () => {
    const world = new World(MONITORS, [PHONE], (what) =>
      what.startsWith('request') ? (what.endsWith(ranked('x')[0] ?? '') ? 3.6e6 : 1_500) : 500,
    );
    world.open('x');
    world.run(6.8);
    world.kill(ranked('x')[0] ?? '');
    world.run(100);
    expect(world.keys).toEqual(['x-begin']);
  });

  it('is told by who comes back with its broker and hears nobody any more', () => {
    const world = new World(MONITORS);
    for (const monitor of MONITORS) world.kill(monitor, true);
    world.open('x');
    world.run(10);
    world.start('a');
    world.run(44);
    expect(world.keys).toEqual([]);
    world.run(2);
    expect(world.arrived).toEqual(['a phone x-begin']);
  });

  it('is reminded of what is open, and not of what is acknowledged or silenced', () => {
    const world = new World(MONITORS, [{ ...PHONE, remind_ms: 3_600_000 }]);
    world.open('x');
    world.run(3600 * 2.5);
    expect(world.keys).toEqual(['x-begin', 'x-reminder-1', 'x-reminder-2']);
    world.open('x', { silenced: { by: 'ann' } } as object);
    world.run(3600 * 5);
    expect(world.keys).toHaveLength(3);
    world.open('x');
    world.run(60);
    expect(world.keys.slice(3)).toEqual(['x-reminder-3']);
  });

  it('is not told of what is silenced until it is no longer', () => {
    const world = new World(MONITORS);
    world.open('x', { silenced: { by: 'ann' } } as object);
    world.run(600);
    expect(world.keys).toEqual([]);
    world.open('x');
    world.run(60);
    expect(world.keys).toEqual(['x-begin']);
  });

  it('is told outside its times when they come, of ends too, and by one monitor', () => {
    // It is noon on a Monday.
    const times = new Times([readTimeWindow('mon 12:00-12:30')!, readTimeWindow('mon 13:00-14:00')!], 'UTC');
    const world = new World(MONITORS, [{ ...PHONE, times }]);
    world.open('x');
    world.run(1800);
    world.close('x');
    for (const id of ['y', 'z']) world.open(id);
    world.run(600);
    world.close('z');
    expect(world.keys).toEqual(['x-begin']);
    world.run(1600);
    expect(world.keys.sort()).toEqual(['x-begin', 'x-end', 'y-begin']);
  });

  it('that wants no ends is told anew when an alert begins again under its id', () => {
    for (const resolves of [true, false]) {
      const world = new World(MONITORS, [{ ...PHONE, resolves }]);
      for (let n = 0; n < 2; n += 1) {
        world.open('x');
        world.run(100);
        world.close('x');
        world.run(100);
      }
      const all = ['x-begin', 'x-end', 'x-2-begin', 'x-2-end'];
      expect(world.keys).toEqual(all.filter((key) => resolves || key.endsWith('begin')));
    }
  });

  it('is not told anew where brokers see one event begin or end a while after each other', () => {
    const world = new World(MONITORS, [PHONE], (what) => (/^(open|close) b/.test(what) ? 9_000 : 10));
    world.open('x');
    world.run(60);
    world.close('x');
    world.run(600);
    expect(world.keys).toEqual(['x-begin', 'x-end']);
    const short = Array.from({ length: 9 }, (_, n) => `y${n}`).find((id) => ranked(id)[0] !== 'b') as string;
    world.open(short);
    world.run(5);
    world.close(short);
    world.run(600);
    expect(world.keys.slice(2)).toEqual([`${short}-begin`, `${short}-end`]);
  });

  it('is told anew of what begins again, also where it did not take the last word', () => {
    for (const refused of ['x-begin', 'x-end']) {
      const world = new World(['a']);
      world.answer = (_, key) => (key === refused ? { is: 'refused', why: 'it answered 400' } : { is: 'arrived' });
      world.open('x');
      world.run(100);
      world.close('x');
      world.run(100);
      world.answer = () => ({ is: 'arrived' });
      world.open('x');
      world.run(100);
      expect(world.keys).toEqual(refused === 'x-begin' ? ['x-begin'] : ['x-begin', 'x-2-begin']);
    }
  });

  it('that refuses something is not asked again; each monitor tries once, and it is known what was not sent', () => {
    const world = new World(MONITORS);
    world.answer = () => ({ is: 'refused', why: 'it answered 403 Forbidden' });
    world.open('x');
    world.run(3600);
    expect([...world.unsent.keys()].sort()).toEqual(MONITORS.map((monitor) => `${monitor} x`));
    expect(world.unsent.get('a x')?.to['phone']).toMatchObject({
      ...{ event: 'begin', key: 'x-begin', why: 'it answered 403 Forbidden', attempts: 1 },
    });
    world.answer = () => ({ is: 'arrived' });
    world.close('x');
    world.run(60);
    expect(world.arrived).toEqual([]);
  });

  it('that is away is told when it is back, once', () => {
    const world = new World(['a']);
    let tries = 0;
    world.answer = () => {
      tries += 1;
      return { is: 'failed', why: 'it cannot be reached (ECONNREFUSED)' };
    };
    world.open('x');
    world.run(600);
    // After 1, 2, 4 … 64 s, and then each 64 s.
    expect(tries).toBeGreaterThan(12);
    expect(tries).toBeLessThan(18);
    world.answer = () => ({ is: 'arrived' });
    world.run(65);
    expect(world.keys).toEqual(['x-begin']);
  });

  it('that stays away is given up after an hour, and what is told it later takes the word back', () => {
    const world = new World(['a'], [{ ...PHONE, remind_ms: 7_200_000 }]);
    world.open('x');
    world.run(10);
    world.answer = () => ({ is: 'failed', why: 'it cannot be reached (ECONNREFUSED)' });
    world.run(7200 + 3700);
    expect(world.unsent.get('a x')?.to['phone']).toMatchObject({ event: 'reminder', key: 'x-reminder-1' });
    world.answer = () => ({ is: 'arrived' });
    world.run(7200);
    expect(world.keys).toEqual(['x-begin', 'x-reminder-2']);
    expect(world.unsent.get('a x')).toBeUndefined();
  });

  it('is given the time that it asks for', () => {
    const world = new World(['a']);
    world.answer = () => ({ is: 'failed', why: 'it answered 429', after_ms: 300_000 });
    world.open('x');
    world.run(1);
    world.answer = () => ({ is: 'arrived' });
    world.run(298);
    expect(world.keys).toEqual([]);
    world.run(2);
    expect(world.keys).toEqual(['x-begin']);
  });

  it('is told what began and ended while it was restarted, and nothing twice', () => {
    const world = new World(['a']);
    for (const id of ['ends', 'stays']) world.open(id);
    world.run(10);
    world.kill('a');
    world.open('new');
    world.run(100);
    world.start('a');
    world.close('ends');
    world.run(30);
    expect(world.keys.sort()).toEqual(['ends-begin', 'ends-end', 'new-begin', 'stays-begin']);
  });

  it('is told in the end of what was over when nobody was there to say so', () => {
    const world = new World(['a']);
    world.open('x');
    world.run(10);
    world.kill('a');
    world.close('x');
    world.run(100);
    world.start('a');
    world.run(599);
    expect(world.keys).toEqual(['x-begin']);
    world.run(2);
    expect(world.keys).toEqual(['x-begin', 'x-end']);
    expect(world.texts[1]).toBe('Device x: “down” is over');
  });

  it('is not told again of what is open for days, whoever restarts', () => {
    const world = new World(MONITORS);
    world.open('x');
    for (let n = 0; n < 9; n += 1) {
      world.run(30_000);
      const monitor = MONITORS[n % 3] as string;
      world.kill(monitor);
      world.run(100);
      world.start(monitor);
    }
    world.run(100);
    expect(world.keys).toEqual(['x-begin']);
  });
});

describe('a monitor that has just started', () => {
  const at = (seconds: number): Now => ({ monotonic_ms: seconds * 1000, wall_ms: NOON_ms + seconds * 1000 });
  /** One where this monitor is the first in rank. */
  const id = Array.from({ length: 9 }, (_, n) => `x${n}`).find((each) => ranked(each)[0] === 'a') as string;
  const told = { round: 1, reminders: 0, ended: false, at: new Date(NOON_ms).toISOString() };

  function started(others: readonly string[]): Notifications {
    const machine = new Notifications({
      ...{ monitor: 'a', receivers: [PHONE], giveUp_ms: 3_600_000, unseen_ms: 600_000, pause_ms: () => 1000 },
    });
    for (const monitor of ['a', ...others]) {
      machine.monitor(monitor, { alive: true, isolated: false }, at(0));
      machine.service(monitor, true, at(0));
      machine.receivers(monitor, ['phone']);
    }
    machine.opened(id, alertOf(id), false, at(0));
    machine.listening(at(0));
    return machine;
  }

  it('waits for what others may have sent, unless it is alone', () => {
    expect(started([]).advance(at(0))).toMatchObject([{ kind: 'send' }]);
    const machine = started(['b', 'c']);
    expect([machine.hears('b', at(1)), machine.hears('c', at(7)), machine.hears('c', at(8))]).toEqual([
      true,
      true,
      false,
    ]);
    expect([machine.advance(at(16.9)), machine.nextDeadline_ms(at(16.9))]).toEqual([[], 17_000]);
    machine.said('b', { alert: alertOf(id), to: { phone: told } }, 1, at(16.9));
    expect(machine.advance(at(100))).toEqual([]);
  });

  it('waits for who is not heard no longer than it takes others to reach its broker', () => {
    const machine = started(['b', 'c']);
    machine.hears('b', at(1));
    expect([machine.advance(at(44.9)), machine.nextDeadline_ms(at(44.9))]).toEqual([[], 45_000]);
    expect(machine.advance(at(45))).toMatchObject([{ kind: 'send' }]);
  });

  it('waits also for one that it did not know of, from when it is heard', () => {
    const machine = started([]);
    expect([machine.hears('a', at(0)), machine.hears('new', at(0))]).toEqual([false, true]);
    expect([machine.advance(at(9.9)), machine.nextDeadline_ms(at(9.9))]).toEqual([[], 10_000]);
    expect(machine.advance(at(10))).toMatchObject([{ kind: 'send' }]);
  });

  it('sends nothing while it cannot hear', () => {
    const machine = started(['b', 'c']);
    for (const monitor of ['b', 'c']) machine.hears(monitor, at(0));
    machine.deaf();
    expect([machine.advance(at(100)), machine.nextDeadline_ms(at(100))]).toEqual([[], Infinity]);
    // What was said meanwhile has to cross again.
    machine.listening(at(100));
    expect(machine.nextDeadline_ms(at(100))).toBe(145_000);
  });

  it('believes an end that is said, though it has not seen the alert open', () => {
    const machine = started([]);
    const other = alertOf('y');
    machine.said('b', { alert: other, to: { phone: told } }, 1, at(0));
    machine.ended({ ...other, resolves: true, text: 'it is up again' }, at(1));
    const [, end] = machine.advance(at(1));
    expect(end).toMatchObject({ kind: 'send', notification: { key: 'y-end', alert: { text: 'it is up again' } } });
  });
});

describe('a storm of a thousand alerts', { timeout: 60_000 }, () => {
  it('comes as fast as the receiver is to be told, the gravest first, each once, and without what was over before', () => {
    const world = new World(MONITORS, [{ ...PHONE, perMinute: 60 }]);
    for (let n = 0; n < 1000; n += 1) world.open(`x${n}`, { severity: n % 2 === 0 ? 'warning' : 'critical' });
    world.run(1);
    expect(world.arrived.length).toBeLessThanOrEqual(3 * 11);
    world.run(120);
    expect(world.arrived.length).toBeLessThanOrEqual(3 * 132);
    expect(world.arrived.length).toBeGreaterThan(3 * 110);
    expect(world.keys.every((key) => Number(/\d+/.exec(key)?.[0]) % 2 === 1)).toBe(true);
    for (let n = 0; n < 1000; n += 1) world.close(`x${n}`);
    world.run(3600);
    expect(new Set(world.keys).size).toBe(world.keys.length);
    const begun = world.keys.filter((key) => key.endsWith('begin')).map((key) => key.replace('begin', 'end'));
    expect(world.keys.filter((key) => key.endsWith('end')).sort()).toEqual(begun.sort());
  });

  it('keeps the order of what is told of one device', () => {
    const world = new World(['a'], [{ ...PHONE, perMinute: 60 }]);
    for (let n = 0; n < 40; n += 1) world.open(`x${n}`);
    world.run(60);
    for (let n = 0; n < 40; n += 1) {
      world.close(`x${n}`);
      world.open(`y${n}`, { subject: `device-x${n}` });
    }
    world.run(300);
    for (let n = 0; n < 40; n += 1) {
      const of = world.keys.filter((key) => [`x${n}-begin`, `x${n}-end`, `y${n}-begin`].includes(key));
      expect(of).toEqual([`x${n}-begin`, `x${n}-end`, `y${n}-begin`]);
    }
  });
});

interface Plan {
  readonly id: string;
  readonly from_s: number;
  readonly for_s: number;
}

const plans = fc
  .array(fc.record({ from_s: fc.nat(60), for_s: fc.constantFrom(0, 1, 5, 12, 25, 70, 200) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all): Plan[] => all.map((plan, n) => ({ ...plan, id: `x${n}` })));

/** Monitors that do not have the receiver; one always has. */
const some = fc.subarray(['b', 'c']);

/** Alerts begin and end as planned, a second at a time. */
function play(world: World, all: readonly Plan[], each_s: (second: number) => void = () => undefined): void {
  for (let second = 0; second < 400; second += 1) {
    for (const { id, from_s, for_s } of all) {
      if (second === from_s) world.open(id);
      if (second === from_s + for_s) world.close(id);
    }
    each_s(second);
    world.run(1);
  }
  world.run(1000);
}

it('is told everything exactly once where nobody dies, however late messages come within their time', () => {
  fc.assert(
    fc.property(plans, fc.infiniteStream(fc.nat(2_400)), some, (all, delays, without) => {
      const taken = new Map<string, number>();
      const delay = (what: string): number => {
        // One monitor's broker learns things in one order.
        if (!/^(open|close)/.test(what)) return Number(delays.next().value);
        const known = taken.get(what) ?? Number(delays.next().value);
        taken.set(what, known);
        return known;
      };
      const world = new World(MONITORS, [PHONE], delay, without);
      play(world, all);
      expect(new Set(world.keys).size).toBe(world.keys.length);
      for (const { id, for_s } of all) {
        const told = ['begin', 'end'].map((event) => world.keys.includes(`${id}-${event}`));
        if (for_s >= 12) expect(told).toEqual([true, true]);
        else expect(told[0]).toBe(told[1]);
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

it('is told everything exactly once where monitors die with their brokers one after another and not between sending and saying so, however late others reach those again', () => {
  const deaths = fc.array(fc.record({ at_s: fc.nat(300), monitor: fc.constantFrom(...MONITORS), for_s: fc.nat(60) }), {
    maxLength: 6,
  });
  const slow = fc.infiniteStream(fc.nat(30_000));
  fc.assert(
    fc.property(plans, deaths, fc.infiniteStream(fc.nat(1_000)), slow, some, (all, dying, delays, slowly, without) => {
      const delay = (what: string): number => {
        if (what.startsWith('bridge')) return Number(slowly.next().value);
        if (what.startsWith('look')) return Number(slowly.next().value) / 1.5;
        return /^(open|close)/.test(what) ? 100 : Number(delays.next().value);
      };
      const world = new World(MONITORS, [PHONE], delay, without);
      let back: { readonly monitor: string; readonly at_s: number } | undefined;
      play(world, all, (second) => {
        for (const { at_s, monitor, for_s } of dying) {
          const isIdle = MONITORS.every((each) => world.isIdle(each));
          // All have had the time to be heard, and each its turn, since one came back.
          const isSettled = back === undefined || second > back.at_s + 90;
          if (at_s > second || second > at_s + for_s || !isIdle || !isSettled) continue;
          world.kill(monitor, true);
          back = { monitor, at_s: second + for_s + 1 };
        }
        if (back?.at_s === second) world.start(back.monitor);
      });
      expect(new Set(world.keys).size).toBe(world.keys.length);
    }),
    { numRuns: 300 },
  );
}, 60_000);

it('is told everything at least once where monitors die and come back and it does not always answer, as long as one lives', () => {
  const deaths = fc.array(
    fc.record({ at_s: fc.nat(300), monitor: fc.constantFrom('b', 'c'), for_s: fc.integer({ min: 1, max: 60 }) }),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(
      plans,
      deaths,
      fc.infiniteStream(fc.nat(2_400)),
      fc.infiniteStream(fc.nat(3)),
      some,
      (all, dying, delays, luck, without) => {
        const delay = (what: string): number => (/^(open|close)/.test(what) ? 100 : Number(delays.next().value));
        const world = new World(MONITORS, [PHONE], delay, without);
        world.answer = () => (luck.next().value === 0 ? { is: 'failed', why: 'it answered 503' } : { is: 'arrived' });
        play(world, all, (second) => {
          for (const { at_s, monitor, for_s } of dying) {
            if (at_s === second && world.alive.includes(monitor)) world.kill(monitor);
            else if (at_s + for_s === second && !world.alive.includes(monitor)) world.start(monitor);
          }
        });
        for (const { id, for_s } of all) {
          if (for_s < 70) continue;
          expect(world.keys).toEqual(expect.arrayContaining([`${id}-begin`, `${id}-end`]));
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

it.each([
  ['before it began again', { round: TOLD_MOST, reminders: 0, ended: true }, 'x-4294967297-begin'],
  ['in as many reminders', { round: 1, reminders: TOLD_MOST, ended: false }, 'x-reminder-4294967297'],
])('a receiver is told also where somebody has made up that it was told much, %s', (_, made, key) => {
  const machine = new Notifications({
    ...{ monitor: 'a', receivers: [{ ...PHONE, remind_ms: 60_000 }], giveUp_ms: 3.6e6, unseen_ms: 300_000 },
    pause_ms: () => 1_000,
  });
  const now = (s: number): Now => ({ monotonic_ms: s * 1000, wall_ms: NOON_ms + s * 1000 });
  const at = new Date(NOON_ms).toISOString();
  machine.listening(now(0));
  machine.said('evil', { alert: alertOf('x'), to: { phone: { ...made, at } } }, 0, now(0));
  machine.opened('x', alertOf('x'), true, now(70));
  const [effect] = machine.advance(now(70));
  expect(effect?.kind === 'send' && effect.notification.key).toBe(key);
  machine.outcome('phone', 'x', { is: 'arrived' }, now(71));
  expect(machine.effects()).toMatchObject([{ kind: 'sent', alert: 'x' }]);
  // It goes on from there, and tells nothing twice.
  expect(machine.advance(now(72))).toEqual([]);
});

it('no count is taken from another that could not be counted on from', () => {
  const at = new Date(NOON_ms).toISOString();
  const sent = (round: number): Uint8Array => {
    const to = { phone: { round, reminders: 0, ended: true, at } };
    return new TextEncoder().encode(JSON.stringify({ alert: alertOf('0123456789abcdef'), to }));
  };
  expect(channels.sent.decode('t', sent(TOLD_MOST)).to['phone']?.round).toBe(TOLD_MOST);
  expect(() => channels.sent.decode('t', sent(TOLD_MOST + 1))).toThrow('to.phone.round: Too big');
});
