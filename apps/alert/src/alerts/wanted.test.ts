import type { Alert, AlertScope, Id, Silence } from '@guaita/model';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { subjectOf } from './kinds.ts';
import { Wanted } from './wanted.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const NOON_ms = Date.parse('2026-03-01T12:00:00.000Z');
const KINDS = ['down', 'monitor-lost', 'site-lost'] as const;
const SEVERITIES = ['critical', 'info'] as const;
/** A device, a monitor, a site and a tag may be called alike. */
const IDS: readonly Id[] = ['a', 'b', 'constructor'];

const ids = fc.subarray([...IDS]);
const anyScope = fc.record({
  ...{ devices: ids, monitors: ids, tags: ids, sites: ids },
  kinds: fc.subarray([...KINDS]),
  severities: fc.subarray([...SEVERITIES]),
});
const anyAbout = fc.record({
  kind: fc.constantFrom(...KINDS),
  severity: fc.constantFrom(...SEVERITIES),
  subject: fc.constantFrom(...IDS),
  tags: ids,
  sites: ids,
});
type About = typeof anyAbout extends fc.Arbitrary<infer Value> ? Value : never;
const anyChange = fc.record({
  id: fc.constantFrom('s', 't', 'u'),
  scope: fc.option(anyScope),
  ends_s: fc.integer({ min: -1, max: 2 }),
});

function silenceOf(scope: AlertScope, ends_s: number): Silence {
  return { ...scope, by: 'ada', why: 'a new roof', until: new Date(NOON_ms + ends_s * 1000).toISOString() };
}

function alertOf({ kind, severity, subject, tags }: About): Alert {
  const at = new Date(NOON_ms).toISOString();
  return {
    ...{ id: '0'.repeat(16), kind, severity, subject, name: subject, tags: [...tags], episode: 0, since: at, at },
    ...{ text: 'it is down', seen_by: [], resolves: false },
  };
}

/** Whether an alert fits every list that is given: the rule as it stands in the contract. */
function fits({ devices, monitors, tags, sites, kinds, severities }: AlertScope, about: About): boolean {
  const named: readonly Id[] = { device: devices, monitor: monitors, site: [] }[subjectOf(about.kind)];
  return (
    (devices.length + monitors.length === 0 || named.includes(about.subject)) &&
    (tags.length === 0 || about.tags.some((tag) => tags.includes(tag))) &&
    (sites.length === 0 || (about.sites.length > 0 && about.sites.every((site) => sites.includes(site)))) &&
    (kinds.length === 0 || kinds.includes(about.kind)) &&
    (severities.length === 0 || severities.includes(about.severity))
  );
}

test('of all silences that fit an alert it bears the one that ends last, and whoever may be concerned is told so', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 8 }), anyAbout, (changes, about) => {
      const wanted = new Wanted();
      const silences = new Map<Id, Silence>();
      const alert = alertOf(about);
      const marked = (): string | undefined => wanted.mark(alert, about.sites, NOON_ms).silenced?.silence;
      for (const { id, scope, ends_s } of changes) {
        const before = marked();
        const silence = scope === null ? undefined : silenceOf(scope, ends_s);
        const mayConcern = wanted.silence(id, silence);
        if (silence === undefined) silences.delete(id);
        else silences.set(id, silence);
        const [last] = [...silences]
          .filter(([, each]) => Date.parse(each.until) > NOON_ms && fits(each, about))
          .sort(([a, one], [b, other]) => Date.parse(other.until) - Date.parse(one.until) || (a < b ? -1 : 1));
        expect(marked()).toBe(last?.[0]);
        if (marked() !== before) expect(mayConcern(alert)).toBe(true);
      }
    }),
    { numRuns: 5_000 },
  );
});

test('a silence concerns no alert that it does not mean', () => {
  const wanted = new Wanted();
  const scope = { devices: ['a'], monitors: [], tags: [], sites: [], kinds: [], severities: [] };
  const mayConcern = wanted.silence('s', silenceOf(scope, 60));
  const about: About = { kind: 'down', severity: 'critical', subject: 'a', tags: [], sites: [] };
  expect(mayConcern(alertOf(about))).toBe(true);
  expect(mayConcern(alertOf({ ...about, subject: 'b' }))).toBe(false);
});
