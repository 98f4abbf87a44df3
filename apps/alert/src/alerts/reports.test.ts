import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertId } from './id.ts';
import { Story } from './story.ts';

const MONITORS = ['a', 'b', 'c'] as const;

/** Three monitors of this site and one of another, and a switch that answers. */
function scene(): Story {
  const story = new Story();
  for (const monitor of MONITORS) story.monitor(monitor);
  story.monitor('far', { site: 'cabin' });
  measuredBy(story, ...MONITORS, 'far');
  story.verdict('switch-1', 'up', { episode: 0 });
  expect(story.news()).toEqual([]);
  return story;
}

function measuredBy(story: Story, ...monitors: readonly string[]): void {
  const claims = monitors.map((monitor) => ({ monitor, state: 'held', sees: 'answering', episode: 0 }) as const);
  story.device('switch-1', ['a', 'b', 'c'], { claims });
}

/** What was said after some seconds. */
function after(story: Story, seconds: number): string[] {
  story.run(seconds);
  return story.news();
}

describe('loss', () => {
  it('is told when most monitors of the site see it, once all had time to say so; and is over when most do not', () => {
    const story = scene();
    story.troubles('a', 'switch-1', 'loss 7');
    expect(after(story, 600)).toEqual([]);
    story.troubles('b', 'switch-1', 'loss 8');
    expect(after(story, 9)).toEqual([]);
    story.troubles('c', 'switch-1', 'loss 6');
    expect(after(story, 1)).toEqual(['loss: Switch 1 loses 33.3 % of pings since 12:10 UTC, seen from a, b and c']);
    expect(story.said.at(-1)).toMatchObject({ id: alertId('loss', 'switch-1', 6), episode: 6, severity: 'warning' });
    // They come to name it alike.
    for (const monitor of ['a', 'b']) story.troubles(monitor, 'switch-1', 'loss 6');
    story.troubles('c', 'switch-1');
    expect(after(story, 600)).toEqual([]);
    story.troubles('a', 'switch-1');
    expect(after(story, 1)).toEqual(['end of loss: Switch 1 no longer loses pings, after 10 minutes']);
    expect(story.open()).toEqual([]);
  });

  it('is no matter of the device where its monitor is isolated, or of another site', () => {
    const story = scene();
    for (const monitor of ['a', 'b']) {
      story.monitor(monitor, { isolated: true });
      story.troubles(monitor, 'switch-1', 'loss 7');
    }
    story.troubles('far', 'switch-1', 'loss 7');
    expect(after(story, 3600).filter((text) => text.includes('loss:'))).toEqual([]);
  });
});

describe('an interface', () => {
  it('has alerts of its own, with ids of their own', () => {
    const story = scene();
    story.troubles('a', 'switch-1', 'interface-down/eth0 7', 'interface-down/eth1 7');
    expect(after(story, 10)).toEqual([
      'interface-down: Interface eth0 of Switch 1 is down since 12:00 UTC, seen from a',
      'interface-down: Interface eth1 of Switch 1 is down since 12:00 UTC, seen from a',
    ]);
    expect(new Set(story.said.map(({ id }) => id)).size).toBe(2);
    story.troubles('a', 'switch-1', 'interface-down/eth1 7');
    expect(after(story, 1)).toEqual([
      'end of interface-down: Interface eth0 of Switch 1 is no longer down, after 10 seconds',
    ]);
    story.troubles('a', 'switch-1', 'interface-down/eth1 7', 'interface-down/eth0 99');
    expect(after(story, 10)).toHaveLength(1);
    expect(story.said.at(-1)?.id).toBe(alertId('interface-down', 'switch-1', 99, 'eth0'));
  });

  it('is one of as many as a monitor may name, made up or not: all are told, and over, in bearable time', () => {
    const story = scene();
    const all = Array.from({ length: 10_000 }, (_, n) => `interface-down/eth${n} 7`);
    story.troubles('a', 'switch-1', ...all);
    expect(after(story, 10)).toHaveLength(all.length);
    story.troubles('b', 'switch-1', ...all);
    expect(after(story, 1)).toEqual([]);
    for (const monitor of ['a', 'b']) story.troubles(monitor, 'switch-1');
    expect(after(story, 1)).toHaveLength(all.length);
    expect(story.open()).toEqual([]);
  });

  it('is not up again because who polled it died, nor while its successor has not polled it', () => {
    const story = scene();
    story.troubles('a', 'switch-1', 'interface-down/eth0 7');
    after(story, 10);
    story.monitor('a', { alive: false });
    measuredBy(story, 'b', 'c');
    expect(after(story, 25)).toEqual([]);
    story.troubles('b', 'switch-1', 'interface-down/eth0 7');
    expect(after(story, 3600).filter((text) => text.includes('Interface'))).toEqual([]);
    story.troubles('b', 'switch-1');
    expect(after(story, 1)).toHaveLength(1);
    expect(story.open()).toEqual(['monitor-lost a']);
  });

  it('that nobody measures any more is given up after a quarter of an hour', () => {
    const story = scene();
    story.troubles('a', 'switch-1', 'interface-down/eth0 7');
    after(story, 10);
    measuredBy(story, 'b', 'c');
    expect(after(story, 890)).toEqual([]);
    expect(after(story, 20)).toHaveLength(1);
  });
});

describe('a device that is down', () => {
  it('gives no alert of what is measured, and ends none', () => {
    const story = scene();
    story.troubles('a', 'switch-1', 'interface-down/eth0 7');
    expect(after(story, 10)).toHaveLength(1);
    story.verdict('switch-1', 'down');
    expect(after(story, 1)).toHaveLength(1);
    story.troubles('a', 'switch-1', 'utilisation/eth1 8');
    expect(after(story, 7200)).toEqual([]);
    expect(story.open()).toEqual(['down switch-1', 'interface-down switch-1']);
    story.verdict('switch-1', 'up');
    expect(after(story, 30)).toEqual([
      'end of down: Switch 1 is up again, after 2 hours',
      'end of interface-down: Interface eth0 of Switch 1 is no longer down, after 2 hours',
      'utilisation: Interface eth1 of Switch 1 is 33.3 % busy since 12:00 UTC, seen from a',
    ]);
  });

  it('that is taken out ends all that is told of it', () => {
    const story = scene();
    story.troubles('a', 'switch-1', 'interface-down/eth0 7');
    after(story, 10);
    story.remove('switch-1');
    expect(after(story, 1)).toEqual(['end of interface-down: Switch 1 is no longer in the inventory']);
  });
});

const happening = fc.record({
  monitor: fc.constantFrom(...MONITORS),
  troubles: fc.subarray(['loss 7', 'latency 7', 'interface-down/eth0 7', 'errors/eth1 7']),
  state: fc.constantFrom('up', 'up', 'up', 'down' as const),
  seconds: fc.constantFrom(0, 5, 60, 1000),
  /** Somebody takes over who has followed, or somebody new. */
  dies: fc.constantFrom('nobody', 'nobody', 'follower', 'alone'),
});

it('what is measured is told once and ended once, whoever speaks when; at last what most see is open, on any broker', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 25 }), (happenings) => {
      const [story, other] = [scene(), scene()];
      const last = new Map<string, readonly string[]>();
      for (const { monitor, troubles, state, seconds, dies } of happenings) {
        last.set(monitor, troubles);
        if (dies === 'follower') story.follow();
        for (const each of [story, other]) {
          each.troubles(monitor, 'switch-1', ...troubles);
          each.verdict('switch-1', state);
          each.run(seconds);
        }
        if (dies !== 'nobody') story.takeOver();
      }
      for (const each of [story, other]) {
        each.verdict('switch-1', 'up');
        each.run(2000);
      }
      const count = (text: string): number => [...last.values()].filter((each) => each.includes(text)).length;
      const expected = [
        ...(count('errors/eth1 7') > 0 ? ['errors switch-1'] : []),
        ...(count('interface-down/eth0 7') > 0 ? ['interface-down switch-1'] : []),
        ...(count('latency 7') > 1 ? ['latency switch-1'] : []),
        ...(count('loss 7') > 1 ? ['loss switch-1'] : []),
      ];
      expect(story.open()).toEqual(expected);
      expect([...other.kept.keys()].sort()).toEqual([...story.kept.keys()].sort());
      for (const told of Map.groupBy(story.said, ({ id }) => id).values()) {
        told.forEach(({ resolves }, n) => expect(resolves).toBe(n % 2 === 1));
      }
    }),
    { numRuns: 300 },
  );
});
