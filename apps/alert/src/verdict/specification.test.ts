import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Id, PingObservation, Verdict } from '@guaita/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Now } from '../now.ts';
import { VERDICT_DEFAULTS, type VerdictOptions } from './options.ts';
import { Specification } from './specification.ts';
import { type Portion, Verdicts } from './verdicts.ts';

/** A second or two of each property on an idle machine; a busy one is given time. */
const RUNS = 200;
const PATIENCE_MS = 60_000;

const BEGIN_MS = Date.parse('2026-03-01T12:00:00Z');

function at(seconds: number): Now {
  return { monotonic_ms: seconds * 1000, wall_ms: BEGIN_MS + seconds * 1000 };
}

type Fact =
  | { readonly kind: 'spec'; readonly device: Id; readonly spec: DeviceSpec | undefined }
  | { readonly kind: 'monitor'; readonly monitor: Id; readonly view: MonitorView | undefined }
  | {
      readonly kind: 'observed';
      readonly monitor: Id;
      readonly device: Id;
      readonly observation: PingObservation | undefined;
    };

/** What comes in at one moment, the order in which it does, and for how long nothing does after that. */
interface Batch {
  readonly facts: readonly Fact[];
  readonly shuffled: readonly Fact[];
  readonly quiet_s: number;
}

const monitorId = fc.constantFrom('a', 'b', 'c');
const deviceId = fc.constantFrom('d0', 'd1', 'd2', 'd3', 'd4');
const stamp = fc.nat(60).map((seconds) => new Date(BEGIN_MS + seconds * 1000).toISOString());

const claim = fc.record({
  monitor: fc.constantFrom('a', 'b', 'c', 'unknown'),
  sees: fc.nat(9),
  stamp,
  leaving: fc.boolean(),
});
const claims = fc.uniqueArray(claim, { selector: ({ monitor }) => monitor, maxLength: 4 }).map((list) =>
  list.map(({ monitor, sees, stamp: down_since, leaving }) => {
    const common = { monitor, state: leaving ? ('leaving' as const) : ('held' as const), episode: 1 };
    if (sees === 0) return { ...common, sees: 'unprobed' as const };
    return sees > 5 ? { ...common, sees: 'answering' as const } : { ...common, sees: 'down' as const, down_since };
  }),
);

const spec = fc
  .record({ device: deviceId, parents: fc.uniqueArray(deviceId, { maxLength: 2 }), claims, interval_s: fc.nat(6) })
  .map(({ device, parents, claims, interval_s }): Fact => ({
    kind: 'spec',
    device,
    spec: {
      device,
      name: device,
      addresses: ['10.0.0.1'],
      parents,
      tags: [],
      checks: interval_s === 0 ? {} : { ping: ping(interval_s) },
      source: 'devices.yaml',
      monitors: [],
      claims,
    },
  }));

function ping(interval_s: number) {
  return { interval_s, count: 3, timeout_ms: 1000, size_bytes: 56, dont_fragment: false, family: 'any' } as const;
}

/** Mostly well: else there would be nothing to judge. */
const mostly = fc.nat(9).map((n) => n > 0);
const monitor = fc
  .record({ monitor: monitorId, alive: mostly, probing: mostly, reached: mostly })
  .map(({ monitor, alive, probing, reached }): Fact => ({
    kind: 'monitor',
    monitor,
    view: { site: 'home', alive, probing, isolated: !reached, devices: 0, at: at(0).monotonic_ms.toString() },
  }));

const observed = fc
  .record({ monitor: monitorId, device: deviceId, at: stamp, answered: fc.boolean() })
  .map(({ monitor, device, at, answered }): Fact => ({
    kind: 'observed',
    monitor,
    device,
    observation: {
      at,
      address: '10.0.0.1',
      sent: 1,
      received: answered ? 1 : 0,
      loss_percent: answered ? 0 : 100,
      rtt_min_ms: null,
      rtt_avg_ms: null,
      rtt_max_ms: null,
      jitter_ms: null,
      state: 'up',
    },
  }));

const gone: fc.Arbitrary<Fact> = fc.oneof(
  deviceId.map((device) => ({ kind: 'spec' as const, device, spec: undefined })),
  monitorId.map((monitor) => ({ kind: 'monitor' as const, monitor, view: undefined })),
  fc
    .record({ monitor: monitorId, device: deviceId })
    .map((which) => ({ kind: 'observed' as const, ...which, observation: undefined })),
);

const fact: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 12, arbitrary: spec },
  { weight: 4, arbitrary: monitor },
  { weight: 6, arbitrary: observed },
  { weight: 1, arbitrary: gone },
);

const batch = fc.uniqueArray(fact, { selector: subject, maxLength: 8 }).chain((facts) =>
  fc.record({
    facts: fc.constant(facts),
    shuffled: fc.shuffledSubarray(facts, { minLength: facts.length }),
    quiet_s: fc.nat(9),
  }),
);

/** All monitors are well at first. */
const batches = fc.array(batch, { minLength: 1, maxLength: 15 }).map((list): Batch[] => {
  const facts = ['a', 'b', 'c'].map((monitor): Fact => ({
    kind: 'monitor',
    monitor,
    view: { site: 'home', alive: true, probing: true, isolated: false, devices: 0, at: '' },
  }));
  return [{ facts, shuffled: facts, quiet_s: 0 }, ...list];
});

/** In the first minutes, which is all that there are. */
const maintenance = fc.array(
  fc.record({
    cron: fc.constantFrom('0 12 * * *', '1 12 * * *', '* * * * *', '0-1 12 * * *'),
    duration_ms: fc.integer({ min: 1, max: 59 }).map((seconds) => seconds * 1000),
    devices: fc.uniqueArray(deviceId, { minLength: 1 }),
    ...{ timezone: fc.constant('UTC'), tags: fc.constant([]), sites: fc.constant([]), why: fc.constant('updates') },
  }),
  { maxLength: 2 },
);

/** The same for all devices. */
function forAll<Rule>(rule: fc.Arbitrary<Rule>): fc.Arbitrary<() => Rule> {
  return rule.map((it) => () => it);
}

const options: fc.Arbitrary<VerdictOptions> = fc.record({
  quorum: fc.constant(() => 'majority' as const),
  hold: forAll(fc.record({ up_s: fc.nat(4), down_s: fc.nat(2), disputed_s: fc.nat(3), unknown_s: fc.nat(4) })),
  flapping: forAll(fc.record({ changes: fc.integer({ min: 1, max: 3 }), within_s: fc.constantFrom(6, 12, 18) })),
  maintenance,
});

const portion: fc.Arbitrary<Portion> = fc.record({
  judged: fc.integer({ min: 1, max: 3 }),
  told: fc.integer({ min: 1, max: 3 }),
});

function subject(fact: Fact): string {
  switch (fact.kind) {
    case 'spec':
      return fact.device;
    case 'monitor':
      return fact.monitor;
    case 'observed':
      return `${fact.monitor} ${fact.device}`;
  }
}

function tell(verdicts: Verdicts, fact: Fact): void {
  switch (fact.kind) {
    case 'spec':
      verdicts.spec(fact.device, fact.spec);
      break;
    case 'monitor':
      verdicts.monitor(fact.monitor, fact.view);
      break;
    case 'observed':
      verdicts.observed(fact.monitor, fact.device, fact.observation);
      break;
  }
}

function take(specification: Specification, fact: Fact): void {
  switch (fact.kind) {
    case 'spec':
      if (fact.spec === undefined) specification.specs.delete(fact.device);
      else specification.specs.set(fact.device, fact.spec);
      break;
    case 'monitor':
      if (fact.view === undefined) specification.monitors.delete(fact.monitor);
      else specification.monitors.set(fact.monitor, fact.view);
      break;
    case 'observed':
      if (fact.observation === undefined) specification.observations.delete(subject(fact));
      else specification.observations.set(subject(fact), fact.observation);
      break;
  }
}

/** Verdicts, with all that they told last. */
class Audience {
  readonly verdicts: Verdicts;
  readonly told = new Map<Id, Verdict>();

  constructor(options: VerdictOptions, portion?: Portion) {
    this.verdicts = new Verdicts(options, portion);
  }

  /** Until there is nothing more to do. */
  advance(now: Now): void {
    do {
      for (const { device, before, after } of this.verdicts.advance(now)) {
        expect(before).toEqual(this.told.get(device));
        if (after === undefined) this.told.delete(device);
        else this.told.set(device, after);
      }
    } while (this.verdicts.nextDeadline_ms <= now.monotonic_ms);
  }

  get said() {
    return new Map(
      Array.from(this.told, ([device, { state, since, flapping = false }]) => [
        device,
        { state, since_ms: Date.parse(since), flapping },
      ]),
    );
  }
}

it(
  'verdicts are what the specification says at every moment, in whatever order it is told and in whatever portions they are made',
  () => {
    fc.assert(
      fc.property(batches, options, portion, (batches, options, portion) => {
        const [first, other] = [new Audience(options), new Audience(options, portion)];
        const specification = new Specification(options);
        let now_s = 0;
        for (const { facts, shuffled, quiet_s } of batches) {
          for (const fact of facts) tell(first.verdicts, fact);
          for (const fact of shuffled) tell(other.verdicts, fact);
          for (const fact of facts) take(specification, fact);
          for (let n = 0; n <= quiet_s; n++, now_s++) {
            specification.judge(at(now_s));
            // Only when there is something to do: a deadline that comes too late would show.
            for (const audience of [first, other]) {
              if (audience.verdicts.nextDeadline_ms <= now_s * 1000) audience.advance(at(now_s));
              expect(audience.said).toEqual(specification.all);
            }
          }
        }
      }),
      { numRuns: RUNS },
    );
  },
  PATIENCE_MS,
);

it(
  'no device is said to be down whose parents are all known to have gone, however small the portions',
  () => {
    fc.assert(
      fc.property(batches, portion, (batches, portion) => {
        const verdicts = new Verdicts(VERDICT_DEFAULTS, portion);
        const specs = new Map<Id, DeviceSpec>();
        const monitors = new Map<Id, MonitorView>();
        const isCalledDown = (device: Id): boolean => {
          const voters = (specs.get(device)?.claims ?? []).filter(({ monitor, sees }) => {
            const view = monitors.get(monitor);
            return sees !== 'unprobed' && view?.alive === true && view.probing && !view.isolated;
          });
          return voters.filter(({ sees }) => sees === 'down').length > voters.length / 2;
        };
        let now_s = 0;
        for (const { facts, quiet_s } of batches) {
          for (const fact of facts.map(withoutCircles)) {
            tell(verdicts, fact);
            if (fact.kind === 'spec') set(specs, fact.device, fact.spec);
            else if (fact.kind === 'monitor') set(monitors, fact.monitor, fact.view);
          }
          for (let n = 0; n <= quiet_s; n++, now_s++) {
            for (let again = true; again; again = verdicts.nextDeadline_ms <= now_s * 1000) {
              for (const { device, before, after } of verdicts.advance(at(now_s))) {
                if (after?.state !== 'down' || before?.state === 'down') continue;
                const parents = (specs.get(device)?.parents ?? []).filter((parent) => specs.has(parent));
                expect(parents.length > 0 && parents.every(isCalledDown)).toBe(false);
              }
            }
          }
        }
      }),
      { numRuns: RUNS },
    );
  },
  PATIENCE_MS,
);

it(
  'whoever takes over says what was said before, to the word',
  () => {
    fc.assert(
      fc.property(batches, options, (batches, options) => {
        const before = new Audience(options);
        const facts = new Map<string, Fact>();
        let now_s = 0;
        for (const batch of batches) {
          for (const fact of batch.facts) {
            tell(before.verdicts, fact);
            facts.set(subject(fact), fact);
          }
          for (let n = 0; n <= batch.quiet_s; n++, now_s++) before.advance(at(now_s));
        }
        const after = new Audience(options);
        for (const [device, verdict] of before.told) {
          after.verdicts.said(device, verdict);
          after.told.set(device, verdict);
        }
        for (const fact of facts.values()) tell(after.verdicts, fact);
        after.advance(at(now_s - 1));
        expect(withoutFigures(after.told)).toEqual(withoutFigures(before.told));
      }),
      { numRuns: RUNS },
    );
  },
  PATIENCE_MS,
);

/** Devices in a circle of parents explain each other only where something outside of it has gone. */
function withoutCircles(fact: Fact): Fact {
  if (fact.kind !== 'spec' || fact.spec === undefined) return fact;
  return { ...fact, spec: { ...fact.spec, parents: fact.spec.parents.filter((parent) => parent < fact.device) } };
}

function set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function withoutFigures(told: ReadonlyMap<Id, Verdict>) {
  return Array.from(told, ([device, verdict]) => ({
    device,
    ...verdict,
    seen_by: verdict.seen_by.map(({ at: _at, loss_percent: _loss, ...vote }) => vote),
  })).sort((a, b) => (a.device < b.device ? -1 : 1));
}
