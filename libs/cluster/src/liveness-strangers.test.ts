import { expect, test } from 'vitest';
import { Liveness } from './liveness.ts';
import { KNOWN_LIMIT } from './peers.ts';

const PATIENCE = [
  { link: 'mqtt', silence_ms: 3_000 },
  { link: 'serf', silence_ms: Infinity },
];
const first = { incarnation: 1, session: 1, host_key: 'a' };

/** So many that someone made up, and one more. */
function crowded(made: (liveness: Liveness, name: string) => void): Liveness {
  const liveness = new Liveness(PATIENCE);
  for (let n = 0; n < KNOWN_LIMIT; n += 1) made(liveness, `made-up-${n}`);
  expect(liveness.problem).toBeUndefined();
  made(liveness, 'last');
  return liveness;
}
const crowds: readonly (readonly [string, (liveness: Liveness, name: string) => void])[] = [
  ['that live', (liveness, name) => liveness.word(name, 'serf', true, false, 0)],
  ['that have ended', (liveness, name) => liveness.end(name, 'mqtt', first, undefined, 0)],
];

test.each(crowds)(
  'of monitors that nobody knows no more than a thousand are kept %s, and the first left out is named',
  (_, made) => {
    const liveness = crowded(made);
    expect(liveness.isAlive('last')).toBe(false);
    expect(liveness.problem).toContain('"last" is passed over');
    liveness.forget('made-up-7');
    expect(liveness.problem).toBeUndefined();
    liveness.word('last', 'serf', true, false, 1);
    expect(liveness.isAlive('last')).toBe(true);
  },
);

test.each(crowds)('a thousand %s leave room for those that are known, or are heard', (_, made) => {
  const liveness = crowded(made);
  liveness.word('known', 'serf', true, true, 0);
  liveness.vouch('heard', 'mqtt', first, 0);
  expect([liveness.isAlive('known'), liveness.isAlive('heard')]).toEqual([true, true]);
  liveness.end('known', 'serf', first, first, 1);
  expect(liveness.isAlive('known')).toBe(false);
});

test('one that is heard after all makes room for another', () => {
  const liveness = crowded((all, name) => all.word(name, 'serf', true, false, 0));
  liveness.vouch('made-up-7', 'mqtt', first, 0);
  expect(liveness.problem).toBeUndefined();
  liveness.word('last', 'serf', true, false, 1);
  liveness.word('one more', 'serf', true, false, 1);
  expect(liveness.problem).toContain('"one more"');
});
