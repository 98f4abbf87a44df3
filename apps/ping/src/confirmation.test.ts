import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesToProbe, judge, UNPROBED, type Outcome, type Standing } from './confirmation.ts';

const policy = { confirm_after_s: 1, confirmations: 2 };
const answered = { kind: 'answered', address: '10.0.0.1' } as const;
const silent = { kind: 'silent' } as const;
const untold = { kind: 'untold' } as const;

/** What the observations say, and when the device is asked again, after each outcome. */
function story(...outcomes: Outcome[]): string[] {
  let standing: Standing = UNPROBED;
  return outcomes.map((outcome) => {
    const judgement = judge(standing, outcome, policy);
    standing = judgement.standing;
    return `${judgement.state}${judgement.askAgain_s === undefined ? '' : '?'}`;
  });
}

describe('the confirmation', () => {
  it('calls a device up at its first answer', () => {
    expect(story(answered)).toEqual(['up']);
  });

  it('calls a device down only after its confirmations failed too', () => {
    expect(story(answered, silent, silent, silent, silent)).toEqual(['up', 'up?', 'up?', 'down', 'down']);
  });

  it('knows nothing of a device that has not answered yet until that is confirmed', () => {
    expect(story(silent, silent, silent)).toEqual(['unknown?', 'unknown?', 'down']);
  });

  it('forgets a silence that an answer ends', () => {
    expect(story(answered, silent, silent, answered, silent, silent)).toEqual(['up', 'up?', 'up?', 'up', 'up?', 'up?']);
  });

  it('calls a device up again at once', () => {
    expect(story(silent, silent, silent, answered)).toEqual(['unknown?', 'unknown?', 'down', 'up']);
  });

  it('says unknown where nothing can be told, and keeps what it held', () => {
    expect(story(answered, untold, silent, untold, silent, silent)).toEqual([
      'up',
      'unknown',
      'up?',
      'unknown?',
      'up?',
      'down',
    ]);
    expect(story(silent, silent, silent, untold, silent)).toEqual(['unknown?', 'unknown?', 'down', 'unknown', 'down']);
  });

  it('does not ask again for ever while nothing can be told', () => {
    expect(story(silent, untold, untold, untold, untold)).toEqual([
      'unknown?',
      'unknown?',
      'unknown?',
      'unknown',
      'unknown',
    ]);
  });

  it('never calls a device down without as many silent probes in a row as it must have', () => {
    const outcome = fc.constantFrom<Outcome>(answered, silent, untold);
    fc.assert(
      fc.property(fc.array(outcome), fc.integer({ min: 0, max: 5 }), (outcomes, confirmations) => {
        let standing: Standing = UNPROBED;
        let row = 0;
        for (const given of outcomes) {
          const judgement = judge(standing, given, { confirm_after_s: 1, confirmations });
          if (given.kind === 'silent') row += 1;
          else if (given.kind === 'answered') row = 0;
          if (given.kind === 'untold') expect(judgement.state).toBe('unknown');
          else expect(judgement.state === 'down').toBe(row > confirmations);
          if (given.kind === 'answered') expect(judgement.state).toBe('up');
          standing = judgement.standing;
        }
      }),
    );
  });
});

describe('the choice of addresses', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const after = (...outcomes: Outcome[]): Standing =>
    outcomes.reduce((standing, outcome) => judge(standing, outcome, policy).standing, UNPROBED);

  it('tries all of a device that is new', () => {
    expect(addressesToProbe(UNPROBED, addresses)).toEqual(addresses);
  });

  it('tries the one that answered last', () => {
    expect(addressesToProbe(after({ kind: 'answered', address: '10.0.0.2' }), addresses)).toEqual(['10.0.0.2']);
  });

  it('tries all as soon as that one is silent, and while the device is down', () => {
    expect(addressesToProbe(after(answered, silent), addresses)).toEqual(addresses);
    expect(addressesToProbe(after(answered, silent, silent, silent), addresses)).toEqual(addresses);
  });

  it('tries all when the one that answered is no longer among them', () => {
    expect(addressesToProbe(after({ kind: 'answered', address: '10.9.9.9' }), addresses)).toEqual(addresses);
  });
});
