import { EPISODE_MAX, type Claim } from '@guaita/model';
import { describe, expect, test } from 'vitest';
import { highestEpisode, outageEpisode, type SeenClaim } from './episode.ts';

function claim(sees: Claim['sees'], episode: number, live = true): SeenClaim {
  return { claim: { state: 'held', sees, episode }, live };
}

const dead = (sees: Claim['sees'], episode: number): SeenClaim => claim(sees, episode, false);

describe('an outage that begins to be seen is of', () => {
  test.each<[rule: string, claims: SeenClaim[], episode: number]>([
    ['the first episode where there was none', [], 1],
    ['the next episode after those that are over', [claim('answering', 4), claim('unprobed', 2)], 5],
    ['the episode that another sees now', [claim('down', 5), claim('answering', 4)], 5],
    ['the highest that is open, where two were begun', [claim('down', 5), claim('down', 6)], 6],
    ['the open one, though a later was over', [claim('down', 5), claim('answering', 6)], 5],
    ['the episode that only a dead monitor saw begin', [dead('down', 5), claim('unprobed', 4)], 5],
    ['the next, when it answered a live one since a dead one saw it', [dead('down', 5), claim('answering', 5)], 6],
    ['the next, when what a dead one saw was not the last', [dead('down', 3), claim('unprobed', 5)], 6],
    ['the last that there is, when that is over', [claim('answering', EPISODE_MAX)], EPISODE_MAX],
  ])('%s', (_, claims, episode) => {
    expect(outageEpisode(claims)).toBe(episode);
  });
});

test('the highest episode is that of any claim, of the living or the dead', () => {
  expect(highestEpisode([])).toBe(0);
  expect(highestEpisode([claim('down', 3), dead('answering', 7)])).toBe(7);
});
