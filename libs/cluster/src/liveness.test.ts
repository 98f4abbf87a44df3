import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Liveness } from './liveness.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const PATIENCE = [
  { link: 'mqtt', silence_ms: 3_000 },
  { link: 'serf', silence_ms: Infinity },
  { link: 'antidote', silence_ms: 150_000 },
];

const first = { incarnation: 1, session: 1, host_key: 'a' };
const second = { incarnation: 1, session: 2, host_key: 'a' };

/** What happens, at a second: a beat over a link, one that it had kept, a word of Serf, the end of a session, our link lost. */
type Event =
  | readonly [at_s: number, what: 'beat', link: string, session?: typeof first]
  | readonly [at_s: number, what: 'alive' | 'dead' | 'withdrawn', link: string]
  | readonly [at_s: number, what: 'offline', link: string, session: typeof first, known?: typeof first]
  | readonly [at_s: number, what: 'met' | 'lost', link: string];

function play(liveness: Liveness, event: Event): void {
  const [at_s, what, link] = event;
  const now_ms = at_s * 1000;
  liveness.advance(now_ms);
  if (what === 'beat') liveness.vouch('one', link, event[3] ?? first, now_ms);
  else if (what === 'offline') liveness.end('one', link, event[3], event[4] ?? event[3], now_ms);
  else if (what === 'met') liveness.met('one', link, now_ms);
  else if (what === 'lost') liveness.lost(link, now_ms);
  else liveness.word('one', link, what === 'withdrawn' ? undefined : what === 'alive', now_ms);
}

/** From when to when the monitor lives, in seconds, looked at whenever something happens or is due. */
function lifeOf(events: readonly Event[], until_s: number): string {
  const liveness = new Liveness(PATIENCE);
  const changes: string[] = [];
  let alive = false;
  const look = (at_s: number): void => {
    if (liveness.isAlive('one') === alive) return;
    alive = !alive;
    changes.push(alive ? `${at_s}` : `–${at_s}`);
  };
  const dueBefore = (limit_s: number): void => {
    for (let due_s = liveness.nextDeadline_ms / 1000; due_s < limit_s; due_s = liveness.nextDeadline_ms / 1000) {
      liveness.advance(due_s * 1000);
      look(due_s);
    }
  };
  for (const event of events) {
    dueBefore(event[0]);
    play(liveness, event);
    look(event[0]);
  }
  dueBefore(until_s);
  return changes.join(' ');
}

const beats = (from_s: number, to_s: number): Event[] =>
  Array.from({ length: to_s - from_s + 1 }, (_, n) => [from_s + n, 'beat', 'mqtt']);

describe('a monitor lives', () => {
  const table: readonly (readonly [rule: string, events: readonly Event[], lives: string])[] = [
    ['while its beats come', beats(0, 60), '0 –63'],
    ['until the fastest source has been silent for its patience', [...beats(0, 5)], '0 –8'],
    ['though a beat or two are lost', [...beats(0, 5), [7.9, 'beat', 'mqtt']], '0 –10.9'],
    ['again at once when the fastest is back', [...beats(0, 5), [9, 'beat', 'mqtt']], '0 –8 9 –12'],
    [
      'by AntidoteDB when that is all there is',
      [
        [0, 'beat', 'antidote'],
        [60, 'beat', 'antidote'],
      ],
      '0 –210',
    ],
    ['not by what a slower source brings just after the silence', [...beats(0, 5), [9, 'beat', 'antidote']], '0 –8'],
    [
      'not by one beat of a slower source, which a cut may have held back',
      [...beats(0, 5), [60, 'beat', 'antidote']],
      '0 –8',
    ],
    [
      'not by all the beats that a cut held back',
      [...beats(0, 5), [60, 'beat', 'antidote'], [64, 'beat', 'antidote'], [89, 'beat', 'antidote']],
      '0 –8',
    ],
    [
      'by a slower source that vouches anew 10 s later, and again 30 s after that',
      [...beats(0, 5), [18, 'beat', 'antidote'], [48, 'beat', 'antidote']],
      '0 –8 48 –198',
    ],
    [
      'not by a slower source that was silent itself between the two',
      [...beats(0, 5), [18, 'beat', 'antidote'], [169, 'beat', 'antidote']],
      '0 –8',
    ],
    [
      'by two beats since it was last heard by a faster source, not by one before that and one after',
      [
        ...beats(0, 5),
        [18, 'beat', 'antidote'],
        [40, 'beat', 'mqtt'],
        [78, 'beat', 'antidote'],
        [138, 'beat', 'antidote'],
      ],
      '0 –8 40 –43 138 –288',
    ],
    [
      'not by one beat of a slower source, when a faster had kept one and brings none',
      [
        [0, 'met', 'antidote'],
        [1, 'met', 'mqtt'],
        [30, 'beat', 'antidote'],
        [90, 'beat', 'antidote'],
      ],
      '90 –240',
    ],
    [
      'not by one beat of a slower source, when a faster only tells of its end',
      [
        [0, 'offline', 'mqtt', first],
        [30, 'beat', 'antidote', second],
        [90, 'beat', 'antidote', second],
      ],
      '90 –240',
    ],
    [
      'at once by a source that had kept a beat, and by a faster one',
      [
        [0, 'met', 'antidote'],
        [60, 'beat', 'antidote'],
        [61, 'met', 'mqtt'],
        [200, 'beat', 'antidote'],
        [220, 'met', 'mqtt'],
        [221, 'beat', 'mqtt'],
      ],
      '60 –224',
    ],
    [
      'at once by the source whose silence it was',
      [
        [0, 'beat', 'antidote'],
        [160, 'beat', 'antidote'],
      ],
      '0 –150 160 –310',
    ],
    ['not by what a slower source had said before the silence', [[0, 'beat', 'antidote'], ...beats(1, 5)], '0 –8'],
    [
      'by the faster again as soon as that is back',
      [...beats(0, 5), [18, 'beat', 'antidote'], [48, 'beat', 'antidote'], [50, 'beat', 'mqtt']],
      '0 –8 48 –53',
    ],
    ['not by Serf’s word alone, for a host lives on without its monitor', [[0, 'alive', 'serf']], ''],
    [
      'not by Serf when its beats end, whatever that says',
      [[0, 'alive', 'serf'], ...beats(1, 5), [9, 'alive', 'serf']],
      '1 –8',
    ],
    [
      'no longer than AntidoteDB bears its silence, whatever Serf says',
      [
        [0, 'beat', 'antidote'],
        [1, 'alive', 'serf'],
        [149, 'alive', 'serf'],
      ],
      '0 –150',
    ],
    ['by its beats, whatever Serf says', [...beats(0, 5), [5, 'dead', 'serf'], ...beats(6, 9)], '0 –12'],
    [
      'not by AntidoteDB alone when Serf says that it is dead',
      [
        [0, 'beat', 'antidote'],
        [5, 'dead', 'serf'],
      ],
      '0 –5',
    ],
    [
      'by AntidoteDB again when it vouches twice after that',
      [
        [0, 'beat', 'antidote'],
        [5, 'dead', 'serf'],
        [15, 'beat', 'antidote'],
        [75, 'beat', 'antidote'],
      ],
      '0 –5 75 –225',
    ],
    ['until it says goodbye', [...beats(0, 5), [5.5, 'offline', 'mqtt', first]], '0 –5.5'],
    ['though an older session’s will comes late', [...beats(0, 5), [5.5, 'offline', 'mqtt', first, second]], '0 –8'],
    [
      'not by a beat that was overtaken by the goodbye',
      [...beats(0, 5), [5.5, 'offline', 'mqtt', first], [6, 'beat', 'mqtt']],
      '0 –5.5',
    ],
    [
      'again at once in its next session',
      [...beats(0, 5), [5.5, 'offline', 'mqtt', first], [6, 'beat', 'mqtt', second]],
      '0 –5.5 6 –9',
    ],
    [
      'by a slower source when only its broker took it for gone',
      [...beats(0, 5), [5.5, 'offline', 'mqtt', first], [15.5, 'beat', 'antidote'], [75.5, 'beat', 'antidote']],
      '0 –5.5 75.5 –225.5',
    ],
    [
      'though the will comes when it has long lived by AntidoteDB',
      [...beats(0, 5), [18, 'beat', 'antidote'], [78, 'beat', 'antidote'], [79, 'offline', 'mqtt', first]],
      '0 –8 78 –228',
    ],
    [
      'by AntidoteDB at its next beat when Serf says that it lives after all',
      [
        [0, 'beat', 'antidote'],
        [5, 'dead', 'serf'],
        [9, 'alive', 'serf'],
        [60, 'beat', 'antidote'],
      ],
      '0 –5 60 –210',
    ],
    [
      'by AntidoteDB at its next beat when Serf takes its word back',
      [
        [0, 'beat', 'antidote'],
        [5, 'dead', 'serf'],
        [9, 'withdrawn', 'serf'],
        [60, 'beat', 'antidote'],
      ],
      '0 –5 60 –210',
    ],
    [
      'by AntidoteDB at its next beat when our own Serf is lost, which is no death',
      [
        [0, 'beat', 'antidote'],
        [5, 'dead', 'serf'],
        [9, 'lost', 'serf'],
        [60, 'beat', 'antidote'],
        [61, 'lost', 'serf'],
      ],
      '0 –5 60 –210',
    ],
    [
      'by AntidoteDB that has answered Serf, however often that tells the same',
      [
        [0, 'beat', 'antidote'],
        [5, 'dead', 'serf'],
        [60, 'beat', 'antidote'],
        [61, 'dead', 'serf'],
        [120, 'beat', 'antidote'],
        [121, 'dead', 'serf'],
      ],
      '0 –5 120 –270',
    ],
    [
      'not by one beat of AntidoteDB on its way when Serf says that it is dead',
      [
        [0, 'met', 'antidote'],
        [5, 'dead', 'serf'],
        [6, 'beat', 'antidote'],
      ],
      '',
    ],
    [
      'not by a link that is no source of life',
      [
        [0, 'beat', 'elsewhere'],
        [1, 'alive', 'elsewhere'],
      ],
      '',
    ],
  ];

  test.each(table)('%s', (_, events, lives) => {
    expect(lifeOf(events, 1_000)).toBe(lives);
  });
});

test('whatever a cut had held back, coming within half a minute brings no dead monitor to life', () => {
  const burst = fc.tuple(fc.integer({ min: 8_000, max: 900_000 }), fc.array(fc.integer({ min: 0, max: 29_999 })));
  fc.assert(
    fc.property(burst, ([begin_ms, after_ms]) => {
      const late = after_ms.sort((a, b) => a - b).map((ms): Event => [(begin_ms + ms) / 1000, 'beat', 'antidote']);
      expect(lifeOf([...beats(0, 5), ...late], 2_000)).toBe('0 –8');
    }),
  );
});

describe('a Serf that lies', () => {
  const words = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 1_200_000 }),
      fc.constantFrom<'alive' | 'dead' | 'withdrawn' | 'lost'>('alive', 'dead', 'withdrawn', 'lost'),
    ),
  );
  const withWords = (
    events: readonly Event[],
    lies: readonly (readonly [number, 'alive' | 'dead' | 'withdrawn' | 'lost'])[],
  ): Event[] =>
    [...events, ...lies.map(([at_ms, what]): Event => [at_ms / 1_000, what, 'serf'])].toSorted(([a], [b]) => a - b);
  const lives = (life: string): number[][] =>
    life === ''
      ? []
      : [...life.matchAll(/(?<from>[\d.]+)(?: –(?<to>[\d.]+))?/g)].map((each) => [
          Number(each[1]),
          Number(each[2] ?? Infinity),
        ]);

  test('keeps nobody alive, and brings nobody to life, for whom nothing else speaks', () => {
    const few = fc.uniqueArray(fc.integer({ min: 0, max: 1_200 }), { maxLength: 20 });
    fc.assert(
      fc.property(words, few, few, (lies, mqtt_s, antidote_s) => {
        const heard = [
          ...mqtt_s.map((at_s): Event => [at_s, 'beat', 'mqtt']),
          ...antidote_s.map((at_s): Event => [at_s, 'beat', 'antidote']),
        ];
        const patience_s = { mqtt: 3, antidote: 150 };
        for (const [from_s = 0, to_s = Infinity] of lives(lifeOf(withWords(heard, lies), 3_000))) {
          const spoke = (at_s: number): boolean =>
            mqtt_s.some((beat_s) => beat_s <= at_s && at_s <= beat_s + patience_s.mqtt) ||
            antidote_s.some((beat_s) => beat_s <= at_s && at_s <= beat_s + patience_s.antidote);
          for (let at_s = from_s; at_s <= Math.min(to_s, 3_000); at_s += 1) expect(spoke(at_s), `${at_s}`).toBe(true);
        }
      }),
    );
  });

  test('has nobody taken for dead who beats over MQTT', () => {
    fc.assert(
      fc.property(words, (lies) => {
        expect(lifeOf(withWords(beats(0, 1_200), lies), 1_200)).toBe('0');
      }),
      { numRuns: 30 },
    );
  });

  test('has nobody who beats over AntidoteDB taken for dead two minutes after its last lie', () => {
    const slow = Array.from({ length: 40 }, (_, n): Event => [n * 60, 'beat', 'antidote']);
    fc.assert(
      fc.property(words, (lies) => {
        const [from_s = Infinity, to_s = 0] = lives(lifeOf(withWords(slow, lies), 2_400)).at(-1) ?? [];
        const last_s = Math.max(0, ...lies.map(([at_ms]) => at_ms / 1_000));
        expect(from_s).toBeLessThanOrEqual(last_s + 130);
        expect(to_s).toBe(Infinity);
      }),
    );
  });
});

test('a pause of this host counts against nobody', () => {
  const liveness = new Liveness(PATIENCE);
  liveness.vouch('one', 'mqtt', first, 0);
  liveness.excuse(29_000, 30_000);
  liveness.advance(30_000);
  expect(liveness.isAlive('one')).toBe(true);
  liveness.advance(33_000);
  expect(liveness.isAlive('one')).toBe(false);
});

test('the links over which a monitor is heard now are told, and none of one that is forgotten', () => {
  const liveness = new Liveness(PATIENCE);
  liveness.vouch('one', 'mqtt', first, 0);
  liveness.word('one', 'serf', true, 0);
  liveness.vouch('one', 'antidote', first, 0);
  expect(liveness.links('one', 1_000)).toEqual(['mqtt', 'serf', 'antidote']);
  expect(liveness.links('one', 4_000)).toEqual(['serf', 'antidote']);
  expect(liveness.links('two', 0)).toEqual([]);
  liveness.forget('one');
  expect(liveness.isAlive('one')).toBe(false);
  expect(liveness.links('one', 1_000)).toEqual([]);
});

test('nothing is due where nobody was heard', () => {
  expect(new Liveness(PATIENCE).nextDeadline_ms).toBe(Infinity);
});
