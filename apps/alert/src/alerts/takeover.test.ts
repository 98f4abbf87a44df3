import fc from 'fast-check';
import type { AlertKind, Id, VerdictState } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { Alerts } from './alerts.ts';
import { alertId } from './id.ts';
import { ALERT_DEFAULTS } from './options.ts';
import { Story, votes } from './story.ts';

function scene(): Story {
  const story = new Story();
  for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
  story.device('router-1');
  story.verdict('router-1', 'up', { episode: 0 });
  expect(story.news()).toEqual([]);
  return story;
}

describe('somebody who takes over', () => {
  it('does not say again what was said, and says the end of it', () => {
    const story = scene();
    story.verdict('router-1', 'down');
    expect(story.news()).toHaveLength(1);
    story.takeOver();
    story.run(600);
    expect(story.news()).toEqual([]);
    story.verdict('router-1', 'up');
    expect(story.news()).toHaveLength(1);
  });

  it('says what has begun and what has ended while nobody spoke', () => {
    const story = scene();
    story.device('switch-1');
    story.verdict('router-1', 'down');
    story.news();
    story.verdict('router-1', 'up');
    story.verdict('switch-1', 'down');
    story.takeOver(0);
    expect(story.news()).toEqual([
      'end of down: Router 1 is up again, after 0 seconds',
      'down: Switch 1 is down since 12:00 UTC',
    ]);
  });

  it('repeats under the same id what was said and not kept, unless it heard that', () => {
    for (const follows of [true, false]) {
      const story = scene();
      if (follows) story.follow();
      story.verdict('router-1', 'down');
      story.takeOver(1);
      story.run(1);
      expect(story.said.map(({ id }) => id)).toEqual(Array(follows ? 1 : 2).fill(alertId('down', 'router-1', 1)));
      expect(story.open()).toEqual(['down router-1']);
    }
  });

  it('says the end of what it heard, though that was not kept; and does not keep an end that it heard', () => {
    const story = scene();
    story.follow();
    story.verdict('router-1', 'down');
    story.takeOver(1);
    story.verdict('router-1', 'up');
    expect(story.news()).toHaveLength(2);
    story.verdict('router-1', 'down', { episode: 2 });
    expect(story.news()).toHaveLength(1);
    story.follow();
    story.verdict('router-1', 'up', { episode: 2 });
    story.takeOver(1);
    expect(story.news()).toEqual(['end of down: Router 1 is up again, after 0 seconds']);
    expect(story.open()).toEqual([]);
  });

  it('has kept what it heard said and not kept, and nothing that was said long ago', () => {
    const alerts = new Alerts(ALERT_DEFAULTS, 'home');
    const story = scene();
    story.device('switch-1');
    for (const device of ['router-1', 'switch-1']) story.verdict(device, 'down');
    story.news();
    const [early, late] = story.said;
    if (early === undefined || late === undefined) throw new Error('two alerts should have been said');
    const now = { monotonic_ms: 60_000, wall_ms: 0 };
    alerts.said(early, { monotonic_ms: 0, wall_ms: 0 });
    alerts.said(late, now);
    alerts.learned(new Map(), now);
    expect(alerts.advance(now)).toEqual([{ kind: 'open', id: late.id, alert: late }]);
    expect(alerts.advance(now)).toEqual([]);
  });

  it.each(['down', 'disputed'] as const)('does not begin again what is %s but answers all who watch it', (state) => {
    const story = scene();
    story.verdict('router-1', state, { seen_by: votes('ddu') });
    story.run(400);
    story.verdict('router-1', 'up');
    expect(story.news()).toHaveLength(2);
    // The end was said; that the device is up was not.
    story.verdict('router-1', state, { seen_by: votes('uuD') });
    story.takeOver();
    story.run(400);
    expect(story.news()).toEqual([]);
    story.verdict('router-1', state, { seen_by: votes('duu') });
    story.run(400);
    expect(story.news()).toHaveLength(1);
  });

  it('believes the broker again when others may have spoken unheard', () => {
    const story = scene();
    const alerts = new Alerts(ALERT_DEFAULTS, 'home');
    story.verdict('router-1', 'down');
    story.news();
    const [alert] = story.said;
    if (alert === undefined) throw new Error('an alert should have been said');
    alerts.said(alert, story.now);
    alerts.missed();
    alerts.learned(new Map(), story.now);
    expect(alerts.advance(story.now)).toEqual([]);
  });

  it('tells the broker again what is open, and takes away what it cannot read', () => {
    const story = scene();
    const alerts = new Alerts(ALERT_DEFAULTS, 'home');
    story.verdict('router-1', 'down');
    story.news();
    const [alert] = story.said;
    if (alert === undefined) throw new Error('an alert should have been said');
    alerts.learned(new Map([...story.kept, ['0123456789abcdef', undefined]]), story.now);
    expect(alerts.advance(story.now)).toEqual([
      { kind: 'open', id: alert.id, alert },
      { kind: 'open', id: '0123456789abcdef', alert: undefined },
    ]);
  });

  it('ends what is open on a device that was removed while nobody spoke, when it must have heard of it', () => {
    const story = scene();
    story.verdict('router-1', 'down');
    story.news();
    story.remove('router-1', false);
    story.takeOver();
    story.run(59);
    expect(story.news()).toEqual([]);
    story.run(1);
    expect(story.news()).toEqual(['end of down: Router 1 is no longer in the inventory']);
  });
});

type Step =
  | { readonly do: 'verdict'; readonly device: Id; readonly state: VerdictState; readonly flapping: boolean }
  | { readonly do: 'remove' | 'add'; readonly device: Id }
  | { readonly do: 'advance'; readonly seconds: number }
  | { readonly do: 'follow' }
  | { readonly do: 'die'; readonly done: number };

const device = fc.constantFrom('router-1', 'switch-1');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('verdict' as const),
      device,
      state: fc.constantFrom<VerdictState>('up', 'up', 'down', 'down', 'disputed', 'unreachable', 'unknown'),
      flapping: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('remove' as const, 'add' as const), device }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.constantFrom(0, 1, 60, 400) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'follow' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('die' as const), done: fc.nat(5) }) },
);

/** The rule in few words: what should be open on a device, looked at whenever somebody speaks. */
class Expected {
  isKnown = true;
  state: VerdictState | undefined;
  flapping = false;
  episode = 0;
  since_ms = 0;
  readonly open = new Map<AlertKind, number>();

  look(now_ms: number): void {
    const { state, flapping, episode, open } = this;
    if (!this.isKnown) open.clear();
    if (state === undefined) return;
    const isSeen = state === 'up' || state === 'down' || state === 'disputed';
    if (flapping && isSeen) open.set('flapping', 0);
    if (flapping) return;
    open.delete('flapping');
    if (state === 'up') open.clear();
    if (state === 'down') {
      open.clear();
      open.set('down', episode);
    }
    if (state === 'disputed' && !open.has('down') && now_ms >= this.since_ms + 300_000) open.set('disputed', episode);
  }

  get ids(): string[] {
    return [...this.open].map(([kind, episode]) => `${kind} ${episode}`).sort();
  }
}

it('loses nothing and doubles nothing, whenever speakers die and whoever follows', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const story = new Story();
      story.monitor('a', { monitors_per_device: 1 });
      const expected = new Map<Id, Expected>();
      for (const id of ['router-1', 'switch-1']) {
        story.device(id);
        expected.set(id, new Expected());
      }
      const cut: string[] = [];
      const look = (): void => expected.forEach((each) => each.look(story.now.monotonic_ms));
      for (const each of steps) {
        const known = expected.get('device' in each ? each.device : 'router-1') as Expected;
        switch (each.do) {
          case 'add':
            story.device(each.device);
            known.isKnown = true;
            break;
          case 'remove':
            story.remove(each.device);
            known.isKnown = false;
            known.state = undefined;
            // A successor that never heard of it learns it later: that has a test of its own.
            story.run(0);
            look();
            break;
          case 'verdict': {
            if (!known.isKnown) break;
            if (each.state === 'down' && known.state !== 'down' && known.state !== 'disputed') known.episode += 1;
            if (each.state !== known.state) known.since_ms = story.now.monotonic_ms;
            known.state = each.state;
            known.flapping = each.flapping;
            story.verdict(each.device, each.state, {
              episode: known.episode,
              since: new Date(story.now.wall_ms - story.now.monotonic_ms + known.since_ms).toISOString(),
              ...(each.flapping ? { flapping: true } : {}),
            });
            break;
          }
          case 'advance':
            story.run(0);
            look();
            story.run(each.seconds);
            look();
            break;
          case 'follow':
            story.follow();
            break;
          case 'die': {
            const id = story.takeOver(each.done);
            if (id !== undefined) cut.push(id);
            story.run(0);
            look();
          }
        }
      }
      story.run(0);
      look();

      const wanted = [...expected].flatMap(([id, { ids }]) => ids.map((text) => `${id} ${text}`));
      const open = [...story.kept.values()].map(({ subject, kind, episode }) => `${subject} ${kind} ${episode}`);
      expect(open.sort()).toEqual(wanted.sort());
      const told = new Map<string, boolean>();
      for (const { id, resolves } of story.said) {
        const isRepeat = (told.get(id) ?? true) === resolves;
        if (isRepeat) expect(cut.splice(cut.indexOf(id), cut.includes(id) ? 1 : 0)).toEqual([id]);
        told.set(id, resolves);
      }
      const unended = [...told].filter(([id, resolves]) => !resolves && !story.kept.has(id)).map(([id]) => id);
      for (const id of unended) expect(cut).toContain(id);
      for (const [id, alert] of story.kept) {
        expect(told.get(id)).toBe(false);
        expect(id).toBe(alertId(alert.kind, alert.subject, alert.episode));
      }
    }),
    { numRuns: 300 },
  );
});
