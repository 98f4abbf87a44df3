import type { VerdictState } from '@guaita/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Story } from './story.ts';

const happening = fc.record({
  state: fc.constantFrom<VerdictState>('up', 'down', 'disputed', 'unreachable', 'unknown'),
  seconds: fc.constantFrom(1, 60, 400),
  lives: fc.boolean(),
  isolated: fc.boolean(),
  /** Which of two brokers hear of it: what comes in one go is heard as what it comes to. */
  heard: fc.tuple(fc.boolean(), fc.boolean()),
});

it('names alike on every broker what is open, whichever parts of the story each has heard', () => {
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 20 }),
      fc.constantFrom<VerdictState>('up', 'down'),
      (happenings, last) => {
        const brokers = [new Story(), new Story()] as const;
        for (const story of brokers) for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
        for (const story of brokers) story.device('router-1');
        let [episode, session, isolations, isIsolated, isDown] = [0, 1, 0, false, false];
        const end = { state: last, seconds: 400, lives: false, isolated: true, heard: [true, true] } as const;
        for (const { state, seconds, lives, isolated, heard } of [...happenings, end]) {
          if (state === 'down' && !isDown) episode += 1;
          if (state === 'up' || state === 'down') isDown = state === 'down';
          if (lives) session += 1;
          if (isolated && !isIsolated) isolations += 1;
          isIsolated = isolated;
          brokers.forEach((story, n) => {
            if (heard[n] === true) {
              story.verdict('router-1', state, { episode });
              story.monitor('b', { alive: lives, session });
              story.monitor('c', { isolated, isolations });
            }
            story.run(seconds);
          });
        }
        const [one, other] = brokers.map(({ kept }) => [...kept.keys()].sort());
        expect(one).toEqual(other);
        expect(brokers[0].open()).toEqual([
          ...(last === 'down' ? ['down router-1'] : []),
          'monitor-isolated c',
          'monitor-lost b',
        ]);
      },
    ),
    { numRuns: 200 },
  );
});
