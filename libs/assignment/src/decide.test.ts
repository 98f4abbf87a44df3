import type { Id } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { capacityInHandover, decide, type DecideView, type Decision, type OwnClaim } from './decide.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

/** What the view says of the one device of a table. */
interface Case {
  readonly claim?: OwnClaim['state'];
  readonly planned?: readonly Id[];
  readonly unknown?: boolean;
  /** Who holds it, and who has seen our leaving, which was said with version 7. */
  readonly holds?: readonly Id[];
  readonly seen?: Readonly<Record<Id, number>>;
}

function decideOn({ claim, planned = [], unknown = false, holds = [], seen = {} }: Case): Decision['to'] | undefined {
  const view: DecideView = {
    self: 'me',
    capacity: 10,
    own: new Map(claim === undefined ? [] : [['d', { state: claim, version: 7 }]]),
    planned: () => planned,
    known: () => !unknown,
    holds: (monitor) => holds.includes(monitor),
    seen: (monitor) => seen[monitor] ?? -1,
  };
  return decide(view, ['d'])[0]?.to;
}

const both = { a: 7, b: 8 };
const table: [string, Case, Decision['to'] | undefined][] = [
  ['takes what is planned here', { planned: ['a', 'me'] }, 'held'],
  ['leaves to others what is planned there', { planned: ['a'] }, undefined],
  ['takes nothing that is no longer known', { planned: ['me'], unknown: true }, undefined],
  ['keeps what it holds and is planned here', { claim: 'held', planned: ['me', 'a'] }, undefined],
  ['leaves what is no longer planned here', { claim: 'held', planned: ['a'] }, 'leaving'],
  ['leaves what is planned nowhere', { claim: 'held' }, 'leaving'],
  ['holds again what is planned here again', { claim: 'leaving', planned: ['me'] }, 'held'],
  ['goes on watching what is planned nowhere', { claim: 'leaving' }, undefined],
  [
    'releases what all others hold that know it leaves',
    { claim: 'leaving', planned: ['a', 'b'], holds: ['a', 'b'], seen: both },
    'released',
  ],
  ['waits until all hold it', { claim: 'leaving', planned: ['a', 'b'], holds: ['a'], seen: both }, undefined],
  [
    'waits until all know that it leaves',
    { claim: 'leaving', planned: ['a', 'b'], holds: ['a', 'b'], seen: { a: 7, b: 6 } },
    undefined,
  ],
  [
    'does not count those that it is not planned at',
    { claim: 'leaving', planned: ['a', 'b'], holds: ['a', 'c'], seen: { a: 7, c: 7 } },
    undefined,
  ],
  [
    'says that it leaves before it releases',
    { claim: 'held', planned: ['a'], holds: ['a'], seen: { a: 7 } },
    'leaving',
  ],
  ['releases at once what is no longer known', { claim: 'held', planned: ['me'], unknown: true }, 'released'],
  ['releases at once what it leaves and is no longer known', { claim: 'leaving', unknown: true }, 'released'],
];

describe('a monitor', () => {
  it.each(table)('%s', (_, given, expected) => {
    expect(decideOn(given)).toBe(expected);
  });

  const names = Array.from({ length: 40 }, (_, index) => `d${index}`);

  it('takes no more than a tenth above its capacity, and always the same first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.subarray(names, { maxLength: 25 }),
        fc.shuffledSubarray(names),
        (capacity, owned, asked) => {
          const own = new Map(owned.map((device): [Id, OwnClaim] => [device, { state: 'held', version: 1 }]));
          const view: DecideView = {
            self: 'me',
            capacity,
            own,
            planned: () => ['me'],
            known: () => true,
            holds: () => false,
            seen: () => -1,
          };
          const taken = decide(view, asked).map(({ device }) => device);
          const wanted = asked.filter((device) => !own.has(device));
          expect(taken).toHaveLength(Math.min(wanted.length, Math.max(0, capacityInHandover(capacity) - own.size)));
          expect(decide(view, asked.toSorted()).map(({ device }) => device)).toEqual(taken);
          // What is left out comes after what is taken, whoever looks at which of them.
          for (const left of wanted.filter((device) => !taken.includes(device)).slice(0, 3)) {
            for (const device of taken) {
              const roomForOne = { ...view, capacity: 0, own: new Map() };
              expect(decide(roomForOne, [left, device])).toEqual([{ device, to: 'held' }]);
            }
          }
        },
      ),
    );
  });

  it('takes another in the place of one that it releases', () => {
    const view: DecideView = {
      self: 'me',
      capacity: 1,
      own: new Map([
        ['old', { state: 'leaving', version: 3 }],
        ['kept', { state: 'held', version: 1 }],
      ]),
      planned: (device) => (device === 'old' ? ['a'] : ['me']),
      known: () => true,
      holds: () => true,
      seen: () => 3,
    };
    expect(decide(view, ['new', 'old'])).toEqual([
      { device: 'old', to: 'released' },
      { device: 'new', to: 'held' },
    ]);
    expect(decide(view, ['new'])).toEqual([]);
  });

  it('may have one more than its capacity even if that is small', () => {
    expect([0, 1, 9, 10, 25, 1000].map(capacityInHandover)).toEqual([1, 2, 10, 11, 27, 1100]);
  });
});
