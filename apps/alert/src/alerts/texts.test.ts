import type { Verdict } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { votes } from './story.ts';
import {
  disputedText,
  downText,
  endText,
  flappingText,
  goneText,
  isolatedText,
  lastedText,
  lostText,
  supersededText,
  underWatchedText,
  watchedText,
} from './texts.ts';

const SINCE = '2026-03-01T12:03:04.567Z';
const NOW_ms = Date.parse('2026-03-01T12:04:00.000Z');
const TOMORROW_ms = Date.parse('2026-03-02T00:00:00.000Z');

function verdict(seen: string): Verdict {
  return { state: 'down', since: SINCE, reason: 'x', episode: 1, seen_by: votes(seen) };
}

describe('an alert in words', () => {
  it.each([
    ['Router 1 is down since 12:03 UTC', downText('Router 1', verdict(''), NOW_ms)],
    ['Router 1 is down since 2026-03-01 12:03 UTC', downText('Router 1', verdict(''), TOMORROW_ms)],
    ['Router 1 is down for a; since 12:03 UTC', downText('Router 1', verdict('d'), NOW_ms)],
    ['Router 1 is down for a and b; since 12:03 UTC', downText('Router 1', verdict('dd'), NOW_ms)],
    ['Router 1 is down for a, b and c; since 12:03 UTC', downText('Router 1', verdict('ddd'), NOW_ms)],
    ['Router 1 is down for a and b, answering for c; since 12:03 UTC', downText('Router 1', verdict('ddu'), NOW_ms)],
    ['Router 1 is down for a; since 12:03 UTC', downText('Router 1', verdict('dDU'), NOW_ms)],
    ['Router 1 is disputed since 12:03 UTC', disputedText('Router 1', verdict(''), NOW_ms)],
    [
      'Router 1 is disputed since 12:03 UTC: down for b, answering for a and c',
      disputedText('Router 1', verdict('udu'), NOW_ms),
    ],
    [
      'Router 1 keeps going down and coming back, last at 12:03 UTC: its changes are not told until it is steady',
      flappingText('Router 1', SINCE, NOW_ms),
    ],
    ['Router 1 is watched by nobody instead of 3 since 12:03 UTC', underWatchedText('Router 1', 0, 3, SINCE, NOW_ms)],
    [
      'Router 1 is watched by 1 monitor instead of 2 since 12:03 UTC',
      underWatchedText('Router 1', 1, 2, SINCE, NOW_ms),
    ],
    [
      'Monitor a at home is silent since 12:03 UTC: it is down, or cut off from the others',
      lostText('a', 'home', SINCE, NOW_ms),
    ],
    [
      'Monitor a at home reaches none of its anchors since 12:03 UTC: what it sees of devices does not count',
      isolatedText('a', 'home', SINCE, NOW_ms),
    ],
  ])('%s', (expected, text) => {
    expect(text).toBe(expected);
  });
});

describe('the end of an alert in words', () => {
  it.each([
    ['Router 1 is up again', endText('Router 1', 'down', 'up')],
    ['Router 1 is no longer disputed: it is down', endText('Router 1', 'disputed', 'down')],
    ['Router 1 is steady again: it is up', endText('Router 1', 'flapping', 'up')],
    ['Router 1 is watched by 1 monitor, as many as it should have', watchedText('Router 1', 1)],
    ['Router 1 is no longer in the inventory', goneText('Router 1', 'down')],
    ['Monitor a is forgotten: it is not waited for any more', goneText('a', 'monitor-isolated')],
    ['What was told of Router 1 is over, but has begun again', supersededText('Router 1')],
  ])('%s', (expected, text) => {
    expect(text).toBe(expected);
  });

  it.each([
    [-60, '0 seconds'],
    [1, '1 second'],
    [119, '119 seconds'],
    [120, '2 minutes'],
    [7_169, '119 minutes'],
    [7_200, '2 hours'],
    [172_000, '2 days'],
  ])('gives %i s as %s', (seconds, expected) => {
    expect(lastedText(SINCE, Date.parse(SINCE) + seconds * 1000)).toBe(expected);
  });
});
