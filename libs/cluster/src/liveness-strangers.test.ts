import { expect, test } from 'vitest';
import { Liveness } from './liveness.ts';
import { KNOWN_LIMIT } from './peers.ts';

const first = { incarnation: 1, session: 1, host_key: 'a' };

/** So many that someone made up, and one more. */
function crowded(): Liveness {
  const liveness = new Liveness([{ link: 'mqtt', silence_ms: 3_000 }]);
  for (let n = 0; n < KNOWN_LIMIT; n += 1) liveness.end(`made-up-${n}`, 'mqtt', first, undefined, 0);
  expect(liveness.problem).toBeUndefined();
  liveness.end('last', 'mqtt', first, undefined, 0);
  return liveness;
}

test('of monitors that nobody knows no more than a thousand are kept that have ended, and the first left out is named', () => {
  const liveness = crowded();
  expect(liveness.hasHeardOf('last')).toBe(false);
  expect(liveness.problem).toContain('"last" is passed over');
  liveness.forget('made-up-7');
  expect(liveness.problem).toBeUndefined();
  liveness.end('last', 'mqtt', first, undefined, 1);
  expect(liveness.hasHeardOf('last')).toBe(true);
});

test('a thousand that have ended leave room for those that are known, or are heard', () => {
  const liveness = crowded();
  liveness.end('known', 'mqtt', first, first, 0);
  liveness.vouch('heard', 'mqtt', first, 0);
  expect([liveness.hasHeardOf('known'), liveness.isAlive('heard')]).toEqual([true, true]);
});

test('one that is heard after all makes room for another', () => {
  const liveness = crowded();
  liveness.vouch('made-up-7', 'mqtt', { ...first, session: 2 }, 0);
  expect(liveness.problem).toBeUndefined();
  liveness.end('last', 'mqtt', first, undefined, 1);
  liveness.end('one more', 'mqtt', first, undefined, 1);
  expect(liveness.problem).toContain('"one more"');
});
