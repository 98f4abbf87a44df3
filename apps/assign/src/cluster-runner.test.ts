import { type Link, type LinkListener, type LinkMessage, Member, type Now } from '@guaita/cluster';
import type { Header } from '@guaita/model';
import { type Clock, ManualClock } from '@guaita/service';
import { describe, expect, it } from 'vitest';
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

describe('turns that take longer than the others have patience', () => {
  const POLICY = { monitors_per_device: 1, snmp_per_device: 1, mode: 'spread' } as const;

  /** The next two turns take 1.9 s each of a clock whose timers know nothing of it, as when a host is busy. */
  async function scene() {
    const manual = new ManualClock();
    let busy_ms = 0;
    const clock: Clock = {
      now_ms: () => manual.now_ms() + busy_ms,
      monotonic_ms: () => manual.monotonic_ms() + busy_ms,
      after: (delay_ms, callback) => manual.after(delay_ms, callback),
    };
    class BusyMember extends Member {
      slow = 0;

      override advance(now: Now, behind?: boolean): void {
        super.advance(now, behind);
        if (this.slow > 0) busy_ms += 1_900;
        this.slow -= 1;
      }
    }
    const member = new BusyMember({
      ...{ self: 'm1', site: 'home', tags: [], capacity: 10, hostKey: 'a'.repeat(32), incarnation: 1 },
      ...{ policy: POLICY, intents: [], random: () => 0.5, patience: [{ link: 'mqtt', silence_ms: 3_000 }] },
    });
    let listener: LinkListener | undefined;
    const link: Link = {
      name: 'mqtt',
      start: (each) => {
        listener = each;
        return Promise.resolve();
      },
      say: () => undefined,
      stop: () => Promise.resolve(),
    };
    const lives: boolean[] = [];
    const runner = new ClusterRunner({
      ...{ member, links: [link], clock },
      apply: (effect) => {
        if (effect.kind === 'monitor' && effect.monitor === 'm2' && effect.view !== undefined)
          lives.push(effect.view.alive);
      },
    });
    await runner.start(new AbortController().signal);
    const heard = (message: LinkMessage): void => listener?.heard(message, false);
    listener?.connected(true, 1);
    heard(beat(1));
    await manual.advance(1_000);
    heard(beat(2));
    await manual.advance(1_000);
    expect(lives).toEqual([true]);
    return { manual, member, runner, heard, lives };
  }

  function beat(number: number): LinkMessage {
    const header: Header = {
      ...{ host_key: 'b'.repeat(32), incarnation: 1, session: 1, beat: number, site: 'home', tags: [], capacity: 10 },
      ...{ policy: POLICY, probe_age_s: 0, probing: true, isolated: false, seen: {}, intents: '0'.repeat(16) },
      claims: { version: 0, count: 0, digest: '0'.repeat(16) },
    };
    return { kind: 'header', monitor: 'm2', header };
  }

  /** A connection gives a part of what it has in each round of the event loop. */
  async function much(manual: ManualClock, heard: (message: LinkMessage) => void): Promise<void> {
    for (let part = 0; part < 20; part += 1) {
      heard({ kind: 'wants', monitor: 'm2', peer: 'm3', incarnation: 1, versions: [] });
      await manual.advance(10);
    }
  }

  it('are nobody’s death: what waited meanwhile is heard first', async () => {
    const { manual, member, runner, heard, lives } = await scene();
    member.slow = 2;
    await manual.advance(1_000);
    await much(manual, heard);
    heard(beat(3));
    for (let rest = 0; rest < 5; rest += 1) await manual.advance(100);
    expect(lives).toEqual([true]);
    await runner.stop();
  });

  it('hide nobody’s death: who is not among what waited is dead', async () => {
    const { manual, member, runner, heard, lives } = await scene();
    member.slow = 2;
    await manual.advance(1_000);
    await much(manual, heard);
    for (let rest = 0; rest < 40; rest += 1) await manual.advance(100);
    expect(lives).toEqual([true, false]);
    await runner.stop();
  });
});
