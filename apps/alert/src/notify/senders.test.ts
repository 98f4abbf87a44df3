import { rankedFor } from '@guaita/assignment';
import { expect, it } from 'vitest';
import { Senders } from './senders.ts';

function senders(self: string, views: Readonly<Record<string, 'alive' | 'dead' | 'isolated' | 'mute'>>): Senders {
  const all = new Senders(self);
  for (const [monitor, state] of Object.entries(views)) {
    all.view(monitor, { alive: state !== 'dead', isolated: state === 'isolated' });
    all.service(monitor, state !== 'mute');
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
  expect(all.start_ms(['c', 'a'], 'phone', 1000)).toBe(1000);
  expect(all.start_ms(['a', 'b', 'c'], 'phone', 1000)).toBe(21_000);
  all.word('a', 'phone', 8000);
  all.word('b', 'mail', 9000);
  expect(all.start_ms(['a', 'b', 'c'], 'phone', 1000)).toBe(28_000);
});

it('tell what changes who sends', () => {
  const all = new Senders('a');
  expect(all.view('b', { alive: true, isolated: false })).toBe(true);
  expect(all.view('b', { alive: true, isolated: false })).toBe(false);
  expect(all.view('b', { alive: true, isolated: true })).toBe(true);
  expect([all.service('b', true), all.service('b', true)]).toEqual([true, false]);
  expect(all.knowsOthers).toBe(true);
  expect(all.view('b', undefined)).toBe(true);
  expect(all.knowsOthers).toBe(false);
});

it('are only those who have the receiver, or have not said which they have', () => {
  const all = senders('c', { a: 'alive', b: 'alive', c: 'alive' });
  expect(all.having(['a', 'b', 'c'], 'phone')).toEqual(['a', 'b', 'c']);
  expect([all.has('a', ['mail']), all.has('a', ['mail'])]).toEqual([true, false]);
  expect(all.having(['a', 'b', 'c'], 'phone')).toEqual(['b', 'c']);
  expect(all.having(['a', 'b', 'c'], 'mail')).toEqual(['a', 'b', 'c']);
  expect(all.has('a', ['phone'])).toBe(true);
  expect(all.having(['a', 'b', 'c'], 'phone')).toEqual(['a', 'b', 'c']);
});
