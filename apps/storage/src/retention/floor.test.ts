import { describe, expect, it } from 'vitest';
import { floorOf, standing, type Standing } from './floor.ts';

const MB = 2 ** 20;
const GB = 1_000 * MB;
const FLOOR = { percent: 5, least_bytes: 500 * MB, most_bytes: 10 * GB };

describe('how much of a disk is to stay free', () => {
  it.each([
    ['a twentieth', 100 * GB, 5 * GB],
    ['500 MB at least', 8 * GB, 500 * MB],
    ['10 GB at most', 4_000 * GB, 10 * GB],
    ['a fifth of a small one', 1 * GB, 200 * MB],
  ])('is %s', (_how, total_bytes, floor_bytes) => {
    expect(floorOf(FLOOR, { total_bytes, free_bytes: 0 })).toBe(floor_bytes);
  });
});

describe('how a disk of 100 GB stands, of which 5 are to stay free', () => {
  it.each<[number, Standing, Standing]>([
    [11, 'ok', 'ok'],
    [9.9, 'ok', 'low'],
    [10.5, 'ok', 'ok'],
    [10.5, 'low', 'low'],
    [11, 'low', 'ok'],
    [5, 'low', 'low'],
    [4.9, 'low', 'full'],
    [4.9, 'ok', 'full'],
    [6, 'full', 'low'],
    [50, 'full', 'ok'],
  ])('with %d GB free: it was %s, it is %s', (free_gb, before, now) => {
    expect(standing({ free_bytes: free_gb * GB, total_bytes: 100 * GB }, FLOOR, before)).toBe(now);
  });
});
