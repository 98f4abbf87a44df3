import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

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
