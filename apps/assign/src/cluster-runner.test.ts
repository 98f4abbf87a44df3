import { Member } from '@guaita/cluster';
import { ManualClock } from '@guaita/service';
import { expect, it } from 'vitest';
import { ClusterRunner, type LocalEffect } from './cluster-runner.ts';

it('works on what it was told before it stops, since somebody may have been promised that it is kept', async () => {
  const member = new Member({
    ...{ self: 'm1', site: 'home', tags: [], capacity: 10, hostKey: 'a'.repeat(32), incarnation: 1, patience: [] },
    ...{ policy: { monitors_per_device: 1, snmp_per_device: 1, mode: 'spread' }, intents: [], random: () => 0.5 },
  });
  const effects: LocalEffect[] = [];
  const runner = new ClusterRunner({
    ...{ member, links: [], clock: new ManualClock() },
    apply: (effect) => void effects.push(effect),
  });
  await runner.start(new AbortController().signal);
  runner.tell((each, now) => each.intend({ kind: 'drain', subject: 'm2', wanted: true }, now));
  const worked = runner.worked();
  await runner.stop();
  await worked;
  expect(effects).toContainEqual(expect.objectContaining({ kind: 'store' }));
  effects.splice(0);
  runner.tell((each, now) => each.intend({ kind: 'drain', subject: 'm2', wanted: false }, now));
  await runner.worked();
  expect(effects).toEqual([]);
});
