import type { Id, Silence } from '@guaita/model';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Story } from './story.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

let story: Story;

/** What is kept of an alert that is open: `router`, with what operators want of it. */
function marks(): Record<string, string[]> {
  return Object.fromEntries(
    [...story.kept.values()].map(({ subject, silenced, untold, acknowledged }) => [
      subject,
      [
        ...(silenced === undefined ? [] : [`silenced by ${silenced.silence}`]),
        ...(untold === undefined ? [] : ['untold']),
        ...(acknowledged === undefined ? [] : [`acknowledged by ${acknowledged.by}`]),
      ],
    ]),
  );
}

const idOf = (subject: Id): string => [...story.kept.values()].find((alert) => alert.subject === subject)?.id ?? '';

beforeEach(() => {
  story = new Story();
  for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
  story.device('router');
  story.verdict('router', 'up');
  story.run(70);
  story.news();
});

describe('a silenced alert', () => {
  test('is kept with who silenced it, why and until when, and is said once when that is over', () => {
    story.silence('roof', 100, { devices: ['router'] });
    story.verdict('router', 'down');
    story.run(99);
    expect(story.said).toEqual([]);
    const [alert] = story.kept.values();
    const until = new Date(story.now.wall_ms + 1000).toISOString();
    expect(alert).toMatchObject({ silenced: { silence: 'roof', by: 'ada', why: 'a new roof', until }, untold: true });
    story.run(1);
    expect(story.news()).toEqual(['down: Router is down since 12:01 UTC']);
    expect(marks()).toEqual({ router: [] });
    expect(story.said[0]).toMatchObject({ id: alert?.id, at: until });
    story.run(1000);
    expect(story.news()).toEqual([]);
  });

  test('that is over before its silence is said at no time', () => {
    story.silence('roof', 100, { devices: ['router'] });
    story.verdict('router', 'down');
    story.run(50);
    story.verdict('router', 'up');
    story.run(1000);
    expect([story.news(), story.open()]).toEqual([[], []]);
  });

  test('that was said before is not said again; its end is said, silenced or not', () => {
    story.verdict('router', 'down');
    story.run(1);
    expect(story.news()).toHaveLength(1);
    story.silence('roof', 100, { devices: ['router'] });
    story.run(1);
    expect(marks()).toEqual({ router: ['silenced by roof'] });
    story.run(200);
    expect([story.news(), marks()]).toEqual([[], { router: [] }]);
    story.silence('roof', 100, { devices: ['router'] });
    story.verdict('router', 'up');
    story.run(1);
    expect(story.news()).toEqual(['end of down: Router is up again, after 3 minutes']);
  });

  test('is not looked at again for silences of others: there may be thousands of either', () => {
    story.verdict('router', 'down');
    story.run(10);
    const before_ms = story.nextDeadline_ms;
    story.silence('roof', 10_000, { devices: ['other'] });
    expect(story.nextDeadline_ms).toBe(before_ms);
    story.silence('roof', 10_000, { devices: ['router'] });
    expect(story.nextDeadline_ms).toBe(-Infinity);
  });

  test('is said at once when its silence is taken away', () => {
    story.silence('roof', 10_000, { tags: ['core'] });
    story.verdict('router', 'down');
    story.run(10);
    story.silence('roof', undefined);
    expect(story.news()).toHaveLength(1);
  });

  test('names of two silences the one that ends last, and is said when both are over', () => {
    story.silence('short', 10, { devices: ['router'] });
    story.silence('long', 20, { kinds: ['down'] });
    story.verdict('router', 'down');
    story.run(5);
    expect(marks()).toEqual({ router: ['silenced by long', 'untold'] });
    story.silence('long', undefined);
    story.run(1);
    expect(marks()).toEqual({ router: ['silenced by short', 'untold'] });
    story.run(4);
    expect(story.news()).toHaveLength(1);
  });

  test('stays so when another speaks, and is said by that one when it is over', () => {
    story.silence('roof', 100, { devices: ['router'] });
    story.verdict('router', 'down');
    story.run(1);
    story.takeOver();
    story.run(50);
    expect(story.news()).toEqual([]);
    story.takeOver();
    story.pass(100);
    story.run(1);
    expect(story.news()).toHaveLength(1);
    story.takeOver();
    story.run(100);
    expect(story.news()).toEqual([]);
  });
});

describe('a silence', () => {
  test.each<[string, Partial<Silence>, boolean]>([
    ['its device', { devices: ['router'] }, true],
    ['another device', { devices: ['switch'] }, false],
    ['a monitor of that name', { monitors: ['router'] }, false],
    ['its tag', { tags: ['roof', 'core'] }, true],
    ['another tag', { tags: ['roof'] }, false],
    ['the only site whose monitors may watch it', { sites: ['home', 'work'] }, true],
    ['another site', { sites: ['work'] }, false],
    ['its kind', { kinds: ['down'] }, true],
    ['another kind', { kinds: ['disputed'] }, false],
    ['its severity', { severities: ['critical'] }, true],
    ['another severity', { severities: ['warning', 'info'] }, false],
    ['its device and its kind', { devices: ['router'], kinds: ['down'] }, true],
    ['its device and another kind', { devices: ['router'], kinds: ['disputed'] }, false],
  ])('of %s', (_, scope, isSilenced) => {
    story.silence('s', 100, scope);
    story.verdict('router', 'down');
    expect(story.news()).toHaveLength(isSilenced ? 0 : 1);
  });

  test('of a site is not of a device that monitors of other sites may watch as well', () => {
    story.silence('s', 100, { sites: ['home'] });
    story.monitor('d', { site: 'work' });
    story.device('near', ['a'], { placement: { only_sites: ['home'] } });
    for (const device of ['router', 'near']) story.verdict(device, 'down');
    story.run(1);
    expect(marks()).toEqual({ router: [], near: ['silenced by s', 'untold'] });
  });

  test('of a monitor or its site is of its alerts', () => {
    story.silence('s', 100, { monitors: ['c'] });
    story.silence('t', 100, { sites: ['work'] });
    story.monitor('d', { site: 'work', isolated: true });
    story.monitor('c', { isolated: true });
    story.monitor('b', { isolated: true });
    story.run(1);
    expect(marks()).toMatchObject({ b: [], c: ['silenced by s', 'untold'], d: ['silenced by t', 'untold'] });
  });
});

describe('an acknowledgement', () => {
  test('shows on the alert while it is open, whoever speaks, and can be given back', () => {
    story.verdict('router', 'down');
    story.run(1);
    story.acknowledge(idOf('router'));
    story.run(1);
    expect(marks()).toEqual({ router: ['acknowledged by ada'] });
    story.takeOver();
    story.run(1);
    expect(marks()).toEqual({ router: ['acknowledged by ada'] });
    story.acknowledge(idOf('router'), false);
    story.run(1);
    expect(marks()).toEqual({ router: [] });
  });

  test('is of one outage: the next one is told without it', () => {
    story.verdict('router', 'down');
    story.run(1);
    story.acknowledge(idOf('router'));
    story.verdict('router', 'up');
    story.run(1);
    story.verdict('router', 'down', { episode: 2 });
    story.run(1);
    expect(marks()).toEqual({ router: [] });
    expect(story.said.every(({ acknowledged }) => acknowledged === undefined)).toBe(true);
  });

  test('is of one flapping, though each bears the same id', () => {
    story.verdict('router', 'down', { flapping: true });
    story.run(1);
    story.acknowledge(idOf('router'));
    story.verdict('router', 'up');
    story.run(900);
    story.verdict('router', 'down', { flapping: true });
    story.run(1);
    expect([story.open(), marks()]).toEqual([['flapping router'], { router: [] }]);
  });
});

type Event =
  | { readonly is: 'down' | 'up'; readonly device: Id }
  | { readonly is: 'silence'; readonly silence: Id; readonly seconds: number; readonly devices: Id[] }
  | { readonly is: 'unsilence'; readonly silence: Id }
  | { readonly is: 'follow' | 'take over' }
  | { readonly is: 'crash'; readonly done: number };

const DEVICES = ['router', 'switch'];
const device = fc.constantFrom(...DEVICES);
const silence = fc.constantFrom('s', 't');
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ is: fc.constantFrom('down' as const, 'up' as const), device }),
  fc.record({
    ...{ is: fc.constant('silence' as const), silence, seconds: fc.integer({ min: 1, max: 6 }) },
    devices: fc.subarray(DEVICES, { minLength: 1 }),
  }),
  fc.record({ is: fc.constant('unsilence' as const), silence }),
  fc.record({ is: fc.constantFrom('follow' as const, 'take over' as const) }),
  fc.record({ is: fc.constant('crash' as const), done: fc.nat(2) }),
);

/** In the plainest words: what begins silenced is told when no silence is left, and ends in silence before that. */
class Specification {
  readonly #silences = new Map<Id, { until_s: number; devices: readonly Id[] }>();
  readonly #down = new Set<Id>();
  readonly #told = new Set<Id>();
  readonly said: string[] = [];

  note(event: Event, now_s: number): void {
    if (event.is === 'down') this.#down.add(event.device);
    if (event.is === 'up') this.#down.delete(event.device);
    if (event.is === 'unsilence') this.#silences.delete(event.silence);
    if (event.is === 'silence')
      this.#silences.set(event.silence, { until_s: now_s + event.seconds, devices: event.devices });
  }

  look(now_s: number): void {
    for (const each of DEVICES) {
      const isSilenced = [...this.#silences.values()].some((s) => s.until_s > now_s && s.devices.includes(each));
      if (this.#down.has(each) && !isSilenced && !this.#told.has(each)) {
        this.#told.add(each);
        this.said.push(`${each} down`);
      } else if (!this.#down.has(each) && this.#told.delete(each)) this.said.push(`${each} up`);
    }
  }
}

test('whatever is silenced when, and whoever speaks: all is told that is open and not silenced, once, and its end', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyEvent, { maxLength: 4 }), { maxLength: 25 }), (seconds) => {
      const specification = new Specification();
      story = new Story();
      const episodes = new Map<Id, number>();
      const states = new Map<Id, string>();
      let cuts = 0;
      for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
      for (const each of DEVICES) story.device(each);
      const act = (event: Event): void => {
        switch (event.is) {
          case 'down':
          case 'up':
            if (states.get(event.device) === event.is) return;
            states.set(event.device, event.is);
            if (event.is === 'down') episodes.set(event.device, (episodes.get(event.device) ?? 0) + 1);
            story.verdict(event.device, event.is, { episode: episodes.get(event.device) ?? 0 });
            break;
          case 'silence':
            story.silence(event.silence, event.seconds, { devices: event.devices });
            break;
          case 'unsilence':
            story.silence(event.silence, undefined);
            break;
          case 'follow':
            story.follow();
            return;
          case 'take over':
            story.takeOver();
            return;
          case 'crash':
            if (story.takeOver(event.done) !== undefined) cuts += 1;
        }
      };
      seconds.forEach((events, now_s) => {
        for (const [n, event] of events.entries()) {
          act(event);
          // Who crashes right after an event has not done all that it brought about.
          if (events[n + 1]?.is !== 'crash') story.run(0);
          specification.note(event, now_s);
          specification.look(now_s);
        }
        story.run(1);
        specification.look(now_s + 1);
      });
      const all = story.said.map(({ subject, resolves }) => `${subject} ${resolves ? 'up' : 'down'}`);
      let repeated = 0;
      for (const each of DEVICES) {
        const told = all.filter((one) => one.startsWith(each));
        const once = told.filter((one, n) => one !== told[n - 1]);
        repeated += told.length - once.length;
        expect(once).toEqual(specification.said.filter((one) => one.startsWith(each)));
      }
      // What a crash cut off between its saying and its keeping, where nobody listened, is said again.
      expect(repeated).toBeLessThanOrEqual(cuts);
    }),
    { numRuns: 1_000 },
  );
});
