import { rankedFor } from '@guaita/assignment';
import { expect, it } from 'vitest';
import { Senders } from './senders.ts';

function senders(self: string, views: Readonly<Record<string, 'alive' | 'dead' | 'isolated' | 'mute'>>): Senders {
  const all = new Senders(self);
  for (const [monitor, state] of Object.entries(views)) {
    all.view(monitor, { alive: state !== 'dead', isolated: state === 'isolated' }, 0);
    all.service(monitor, state !== 'mute', 0);
  }
  return all;
}

it('are those who live and whose alert service is heard, and oneself; who has no way out comes last', () => {
  const order = rankedFor('x', ['a', 'b', 'c', 'd', 'e']);
  const all = senders('a', { a: 'isolated', b: 'alive', c: 'dead', d: 'mute', e: 'alive' });
  expect(all.ranked('x')).toEqual([...order.filter((monitor) => monitor === 'b' || monitor === 'e'), 'a']);
  expect(new Senders('a').ranked('x')).toEqual(['a']);
});

it('have 10 s each, and longer while they say that they send other things', () => {
  const all = senders('c', { a: 'alive', b: 'alive', c: 'alive' });
  expect(all.start_ms(['c', 'a'], 'phone', 20_000, 0)).toBe(20_000);
  expect(all.start_ms(['a', 'b', 'c'], 'phone', 20_000, 0)).toBe(40_000);
  all.word('a', 'phone', 27_000);
  all.word('b', 'mail', 28_000);
  expect(all.start_ms(['a', 'b', 'c'], 'phone', 20_000, 0)).toBe(47_000);
});

it('let the next one go first where they could not send when it was due or have just become ready, unless they are alone', () => {
  const all = senders('a', { a: 'alive', b: 'alive' });
  expect(all.start_ms(['a', 'b'], 'phone', 1000, 1001)).toBe(21_000);
  expect(all.start_ms(['a', 'b'], 'phone', 15_000, 1001)).toBe(35_000);
  expect(all.start_ms(['a', 'b'], 'phone', 17_000, 1001)).toBe(17_000);
  expect(all.start_ms(['a', 'b'], 'phone', 1000, 30_000)).toBe(30_000);
  expect(all.start_ms(['b', 'a'], 'phone', 1000, 1001)).toBe(31_000);
  expect(all.start_ms(['a'], 'phone', 1000, 1001)).toBe(1001);
  all.word('a', 'phone', 9000);
  expect(all.start_ms(['a', 'b'], 'phone', 1000, 1001)).toBe(29_000);
  all.word('a', 'phone', 900_000);
  expect(all.start_ms(['a', 'b'], 'phone', 1000, 1001)).toBe(41_000);
});

it.each([
  ['dies', (all: Senders) => all.view('a', { alive: false, isolated: false }, 25_000)],
  ['is forgotten', (all: Senders) => all.view('a', undefined, 25_000)],
  ['stops', (all: Senders) => all.service('a', false, 25_000)],
])('have 10 s anew each, but for the first, when another %s', (_, lose) => {
  const all = senders('c', { a: 'alive', b: 'alive', c: 'alive' });
  expect(all.start_ms(['a', 'b', 'c'], 'phone', 20_000, 0)).toBe(40_000);
  lose(all);
  expect(all.start_ms(['b', 'c'], 'phone', 20_000, 0)).toBe(35_000);
  expect(all.start_ms(['c'], 'phone', 20_000, 0)).toBe(20_000);
});

it('have no more time where others are lost again and again', () => {
  const all = senders('b', { a: 'alive', b: 'alive', c: 'alive' });
  for (const at_ms of [30_000, 60_000, 90_000]) {
    all.view('c', { alive: true, isolated: false }, at_ms);
    all.view('c', { alive: false, isolated: false }, at_ms);
  }
  expect(all.start_ms(['a', 'b'], 'phone', 20_000, 0)).toBe(50_000);
});

it('tell what changes who sends', () => {
  const all = new Senders('a');
  expect(all.view('b', { alive: true, isolated: false }, 0)).toBe(true);
  expect(all.view('b', { alive: true, isolated: false }, 0)).toBe(false);
  expect(all.view('b', { alive: true, isolated: true }, 0)).toBe(true);
  expect([all.service('b', true, 0), all.service('b', true, 0)]).toEqual([true, false]);
  expect([all.view('b', undefined, 0), all.view('b', undefined, 0)]).toEqual([true, false]);
});

it('are only those who have the receiver, or have not said which they have', () => {
  const all = senders('c', { a: 'alive', b: 'alive', c: 'alive' });
  expect(all.having(['a', 'b', 'c'], 'phone')).toEqual(['a', 'b', 'c']);
  expect([all.has('a', ['mail']), all.has('a', ['mail'])]).toEqual([true, false]);
  expect(all.having(['a', 'b', 'c'], 'phone')).toEqual(['b', 'c']);
  expect(all.having(['a', 'b', 'c'], 'mail')).toEqual(['a', 'b', 'c']);
  expect(all.has('a', ['phone'])).toBe(true);
  expect(all.having(['a', 'b', 'c'], 'phone')).toEqual(['a', 'b', 'c']);
  all.has('a', []);
  expect([all.has('a', undefined), all.has('a', undefined)]).toEqual([true, false]);
  expect(all.having(['a', 'b', 'c'], 'phone')).toEqual(['a', 'b', 'c']);
});

it('may have sent something where their words reach this broker, also while they are not heard', () => {
  const all = senders('c', { a: 'dead', b: 'alive', c: 'alive' });
  expect(all.others).toEqual([]);
  for (const monitor of ['a', 'c']) all.has(monitor, ['phone']);
  expect(all.others).toEqual(['a']);
  all.has('a', undefined);
  expect(all.others).toEqual([]);
});
