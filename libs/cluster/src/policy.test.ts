import type { Policy } from '@guaita/model';
import { expect, test } from 'vitest';
import { agree } from './policy.ts';

const policy = (monitors_per_device: number, mode: Policy['mode'] = 'spread'): Policy => ({
  ...{ monitors_per_device, snmp_per_device: 1, mode },
});

test('where all have the same policy, that is it', () => {
  expect(agree(policy(3), [policy(3), policy(3)])).toMatchObject({ policy: policy(3), problem: undefined });
});

test('the policy of most counts, also against our own, and the rest is trouble that names all', () => {
  const { policy: agreed, problem } = agree(policy(2), [policy(3), policy(3, 'pack'), policy(3)]);
  expect(agreed).toEqual(policy(3));
  expect(problem).toBe(
    'the monitors have different policies: 2 × (3 monitors per device, 1 of them by SNMP, spread), ' +
      '1 × (3 monitors per device, 1 of them by SNMP, pack), 1 × (2 monitors per device, 1 of them by SNMP, spread); ' +
      'all follow (3 monitors per device, 1 of them by SNMP, spread): give all the same',
  );
});

test('of several that are equally frequent all choose the same', () => {
  const three = [policy(1), policy(2), policy(3)];
  for (const own of three) {
    const others = three.filter((each) => each !== own);
    expect(agree(own, others).policy).toEqual(policy(3));
    expect(agree(own, others.reverse()).policy).toEqual(policy(3));
  }
});
