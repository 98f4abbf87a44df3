import type { Claim, ClaimBucket } from '@guaita/model';
import { describe, expect, test } from 'vitest';
import { ClaimsSeen } from './claims-seen.ts';

function bucket(incarnation: number, version: number, states: Readonly<Record<string, Claim['state']>>): ClaimBucket {
  const claims = Object.entries(states).map(([device, state]): [string, Claim] => [
    device,
    { state, sees: 'unprobed', episode: 0 },
  ]);
  return { incarnation, version, claims: Object.fromEntries(claims) };
}

describe('what an outsider sees of a monitor’s claims', () => {
  test('is what its newest buckets say, and each change is told once', () => {
    const seen = new ClaimsSeen();
    seen.run(1);
    expect(seen.hear(7, bucket(1, 1, { a: 'held' }))).toEqual([{ device: 'a', from: undefined, to: 'held' }]);
    expect(seen.hear(7, bucket(1, 3, { a: 'leaving', b: 'held' }))).toEqual([
      { device: 'a', from: 'held', to: 'leaving' },
      { device: 'b', from: undefined, to: 'held' },
    ]);
    expect(seen.hear(7, bucket(1, 2, {}))).toEqual([]);
    expect([...seen.states]).toEqual([
      ['a', 'leaving'],
      ['b', 'held'],
    ]);
  });

  test('counts for the run that it is of, also where its buckets come before its header', () => {
    const seen = new ClaimsSeen();
    seen.run(1);
    seen.hear(7, bucket(1, 9, { a: 'held' }));
    expect(seen.hear(7, bucket(2, 1, { b: 'held' }))).toEqual([]);
    expect(seen.run(2)).toEqual([
      { device: 'a', from: 'held', to: undefined },
      { device: 'b', from: undefined, to: 'held' },
    ]);
    expect(seen.run(1)).toEqual([]);
  });

  test('bears the same mark where the same is known', () => {
    const [one, two] = [new ClaimsSeen(), new ClaimsSeen()];
    for (const seen of [one, two]) seen.run(1);
    one.hear(1, bucket(1, 1, { a: 'held' }));
    one.hear(2, bucket(1, 2, {}));
    two.hear(2, bucket(1, 2, {}));
    expect(one.mark).not.toBe(two.mark);
    two.hear(1, bucket(1, 1, { a: 'held' }));
    expect(one.mark).toBe(two.mark);
  });
});
