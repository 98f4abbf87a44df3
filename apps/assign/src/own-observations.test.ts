import type { PingObservation } from '@guaita/model';
import { expect, it } from 'vitest';
import { OwnObservations } from './own-observations.ts';

/** What is news of a device whose probes say this, one after the other. */
function news(...states: readonly (PingObservation['state'] | 'cleared')[]): unknown[] {
  const seen = new OwnObservations();
  return states.map((state) => seen.hear('router', state === 'cleared' ? undefined : { state }));
}

it('tells what a probe sees when that is another thing than before', () => {
  expect(news('up', 'up', 'down', 'down', 'up')).toEqual(['answering', undefined, 'down', undefined, 'answering']);
});

it('tells nothing by a probe or two that told nothing', () => {
  expect(news('up', 'unknown', 'unknown', 'up', 'unknown', 'unknown')).toEqual(['answering', ...Array(5)]);
});

it('takes back that a device answers when three probes in a row could not tell', () => {
  expect(news('up', 'unknown', 'unknown', 'unknown', 'unknown', 'up')).toEqual([
    ...['answering', undefined, undefined, 'unprobed', undefined, 'answering'],
  ]);
});

it('leaves a device down of which nothing can be told since, and says nothing of one that was never seen', () => {
  expect(news('down', 'unknown', 'unknown', 'unknown', 'unknown')).toEqual(['down', ...Array(4)]);
  expect(news('unknown', 'unknown', 'unknown')).toEqual(Array(3));
});

it('forgets what is watched no longer', () => {
  expect(news('up', 'cleared', 'up')).toEqual(['answering', undefined, 'answering']);
});
