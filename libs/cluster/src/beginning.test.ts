import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Beginning } from './beginning.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const MQTT = { link: 'mqtt', silence_ms: 3_000 };
const ANTIDOTE = { link: 'antidote', silence_ms: 150_000 };
const PATIENCE = [{ link: 'serf', silence_ms: Infinity }, MQTT, ANTIDOTE];

function begun(alone: boolean, patience = PATIENCE): Beginning {
  const beginning = new Beginning(patience, alone);
  beginning.begin(0);
  return beginning;
}

/** When it takes devices and when it decides, found by its own deadlines. */
function moments(beginning: Beginning): { takes_ms: number; decides_ms: number } {
  const takes_ms = beginning.takes(0) ? 0 : beginning.nextDeadline_ms(0);
  expect(beginning.takes(takes_ms - 1)).toBe(false);
  expect(beginning.takes(takes_ms)).toBe(true);
  const decides_ms = beginning.decides(takes_ms) ? takes_ms : beginning.nextDeadline_ms(takes_ms);
  expect(beginning.decides(decides_ms - 1)).toBe(false);
  expect(beginning.decides(decides_ms)).toBe(true);
  expect(beginning.nextDeadline_ms(decides_ms)).toBe(Infinity);
  return { takes_ms, decides_ms };
}

test('with no links it begins at once', () => {
  const beginning = new Beginning([], false);
  expect(beginning.decides(5)).toBe(false);
  beginning.begin(5);
  expect([beginning.takes(5), beginning.decides(5)]).toEqual([true, true]);
});

describe('where others may be', () => {
  test('it waits as long as they may be silent on the link that stands, and takes devices just before', () => {
    const beginning = begun(false);
    beginning.connected('mqtt', true, 1_000);
    expect(moments(beginning)).toEqual({ takes_ms: 3_500, decides_ms: 4_000 });
  });

  test('it waits anew after each stored message, for beats come after these', () => {
    const beginning = begun(false);
    beginning.connected('mqtt', true, 100);
    for (let now_ms = 200; now_ms <= 5_000; now_ms += 200) beginning.heard('mqtt', true, true, now_ms);
    expect(moments(beginning)).toEqual({ takes_ms: 7_500, decides_ms: 8_000 });
  });

  test('beats make nobody wait', () => {
    const beginning = begun(false);
    beginning.connected('mqtt', true, 100);
    for (let now_ms = 200; now_ms < 3_000; now_ms += 200) beginning.heard('mqtt', false, true, now_ms);
    expect(moments(beginning).decides_ms).toBe(3_100);
  });

  test('what one link has stored makes nobody wait who has heard another through', () => {
    const beginning = begun(false);
    beginning.connected('mqtt', true, 0);
    beginning.connected('antidote', true, 0);
    beginning.heard('antidote', true, true, 2_900);
    expect(moments(beginning).decides_ms).toBe(3_000);
  });

  test('over a slow link alone it waits as long as that takes', () => {
    const beginning = begun(false, [ANTIDOTE]);
    beginning.connected('antidote', true, 2_000);
    expect(moments(beginning).decides_ms).toBe(152_000);
  });

  test('a link that is lost meanwhile is waited for', () => {
    const beginning = begun(false);
    beginning.connected('mqtt', true, 0);
    beginning.connected('mqtt', false, 1_000);
    beginning.connected('mqtt', true, 5_000);
    expect(moments(beginning).decides_ms).toBe(8_000);
  });
});

describe('where nobody else was ever heard of', () => {
  test('it begins when a link stands and tells nothing', () => {
    const beginning = begun(true);
    beginning.connected('mqtt', true, 20);
    expect(moments(beginning)).toEqual({ takes_ms: 520, decides_ms: 520 });
  });

  test('what it said itself in a former run is let through, and no more', () => {
    const beginning = begun(true);
    beginning.connected('mqtt', true, 20);
    beginning.heard('mqtt', true, false, 400);
    expect(moments(beginning).decides_ms).toBe(900);
  });

  test.each([
    ['a stored message', true, 3_300],
    ['a beat', false, 3_020],
  ])('it waits as others do from when %s tells of another', (_, stored, decides_ms) => {
    const beginning = begun(true);
    beginning.connected('mqtt', true, 20);
    beginning.heard('mqtt', stored, true, 300);
    expect(moments(beginning)).toEqual({ takes_ms: decides_ms - 500, decides_ms });
  });
});

test.each([
  ['whom no link reaches', () => undefined],
  [
    'to whom a broker never ends telling what it stored',
    (beginning: Beginning) => {
      beginning.connected('mqtt', true, 0);
      for (let now_ms = 0; now_ms < 60_000; now_ms += 250) beginning.heard('mqtt', true, true, now_ms);
    },
  ],
  [
    'whose link comes and goes',
    (beginning: Beginning) => {
      for (let now_ms = 0; now_ms < 60_000; now_ms += 250) beginning.connected('mqtt', now_ms % 500 === 0, now_ms);
    },
  ],
])('one %s begins half a minute late, for the devices need a watcher', (_, happens) => {
  for (const alone of [true, false]) {
    const beginning = begun(alone);
    happens(beginning);
    expect(beginning.decides(32_999)).toBe(false);
    expect(beginning.decides(33_000)).toBe(true);
  }
});

test('whatever comes in, it decides in time, and once it does it does so for ever', () => {
  const event = fc.record({
    pause_ms: fc.integer({ min: 0, max: 4_000 }),
    link: fc.constantFrom('mqtt', 'antidote', 'serf', 'elsewhere'),
    what: fc.constantFrom('connected', 'lost', 'stored', 'own', 'beat'),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.array(event, { maxLength: 40 }), (alone, events) => {
      const beginning = begun(alone);
      let now_ms = 0;
      let decided = false;
      for (const { pause_ms, link, what } of events) {
        now_ms += pause_ms;
        const due_ms = beginning.nextDeadline_ms(now_ms);
        expect(due_ms > now_ms).toBe(true);
        if (what === 'connected' || what === 'lost') beginning.connected(link, what === 'connected', now_ms);
        else beginning.heard(link, what !== 'beat', what !== 'own', now_ms);
        expect(beginning.decides(now_ms) || !decided).toBe(true);
        decided = beginning.decides(now_ms);
        if (decided) expect(beginning.takes(now_ms)).toBe(true);
      }
      expect(beginning.decides(Math.max(now_ms, 33_000))).toBe(true);
    }),
  );
});
