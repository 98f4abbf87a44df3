import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Header, Placement } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { judge, type Judgement } from './judge.ts';
import { renderStatus } from './render.ts';

const ALIVE = { site: 'home', alive: true, isolated: false, probing: true, devices: 0, capacity: 100, complete: true };
const view = (change: Partial<MonitorView> = {}): MonitorView => ({
  ...ALIVE,
  at: '2026-01-01T00:00:00.000Z',
  ...change,
});

function header(tags: string[] = [], monitors_per_device = 2, intents = '0'.repeat(16)): Header {
  return {
    ...{ host_key: '0'.repeat(32), incarnation: 1, session: 1, beat: 1, site: 'home', tags, capacity: 100 },
    ...{ policy: { monitors_per_device, snmp_per_device: 1, mode: 'spread' }, probe_age_s: 1, probing: true },
    ...{ isolated: false, claims: { version: 0, count: 0, digest: '0'.repeat(16) }, seen: {}, intents },
  };
}

function device(monitors: string[], planned: string[] = monitors, more: Partial<DeviceSpec> = {}): DeviceSpec {
  return {
    ...{ device: 'ap', name: 'AP', addresses: ['10.0.0.1'], parents: [], tags: [], checks: {} },
    ...{ source: 'x', monitors, planned, leaving: [] },
    ...more,
  };
}

function judged(
  monitors: Readonly<Record<string, MonitorView>>,
  spec: DeviceSpec,
  headers: Readonly<Record<string, Header>> = Object.fromEntries(Object.keys(monitors).map((id) => [id, header()])),
): Judgement {
  return judge({
    monitors: new Map(Object.entries(monitors)),
    devices: new Map([[spec.device, spec]]),
    headers: new Map(Object.entries(headers)),
    ended: new Set(),
    present: ['a'],
  });
}

const why = (...given: Parameters<typeof judged>): string | undefined => judged(...given).under_watched[0]?.why;
const only = (placement: Placement): Partial<DeviceSpec> => ({ placement });

describe('the judgement of a cluster', () => {
  it('is well where every device has its monitors', () => {
    expect(judged({ a: view(), b: view() }, device(['a', 'b']))).toMatchObject({
      ok: true,
      under_watched: [],
      troubles: [],
    });
  });

  it('is well for one monitor by itself, which cannot be more, and says what is missing', () => {
    const alone = judged({ a: view() }, device(['a']));
    expect(alone).toMatchObject({ ok: true, under_watched: [] });
    expect(alone.remarks).toEqual(['2 monitors per device are wanted and 1 known: start more with --peer']);
  });

  it('says why a device has too few monitors', () => {
    expect(why({ a: view(), b: view({ alive: false }) }, device(['a']))).toBe('too few monitors: b is not alive');
    expect(why({ a: view(), b: view({ isolated: true }) }, device(['a']))).toBe('too few monitors: b is isolated');
    expect(why({ a: view(), b: view({ probing: false }) }, device(['a']))).toBe('too few monitors: b does not probe');
    expect(why({ a: view(), b: view() }, device(['a']))).toBe(
      'the monitors that may watch it are full: raise assign.capacity, or add a monitor',
    );
    expect(why({ a: view(), b: view({ complete: false }) }, device(['a'], ['a', 'b']))).toBe(
      'the claims of b are not known in full',
    );
    expect(why({ a: view(), b: view() }, device(['a'], ['a', 'b']))).toBe('b is about to take it');
    expect(why({ a: view(), b: view() }, device(['a'], ['a', 'b'], { leaving: ['c'] }))).toBe(
      'it is being handed over',
    );
    expect(why({ a: view({ draining: true }) }, device([]))).toBe('every monitor is drained');
    expect(why({ a: view(), b: view() }, device([], [], only({ only_sites: ['attic'] })))).toBe(
      'its placement keeps every monitor from it',
    );
  });

  it('wants no more monitors of a device than its placement allows, or than are left while one is drained', () => {
    const tagged = { a: header(['lte']), b: header() };
    expect(why({ a: view(), b: view() }, device(['a'], ['a'], only({ only_tags: ['lte'] })), tagged)).toBeUndefined();
    expect(why({ a: view(), b: view({ draining: true }) }, device(['a']))).toBeUndefined();
  });

  it('names each trouble with what to do', () => {
    const { ok, troubles } = judged(
      { a: view({ troubles: ['two live monitors are called "a"'] }), b: view({ alive: false }) },
      device(['a']),
    );
    expect(ok).toBe(false);
    expect(troubles).toEqual([
      'two live monitors are called "a"',
      'b is not alive: start it again, or, if it is gone for good, "guaita monitors forget b"',
    ]);
  });

  it('says what goes with a dead monitor that alone has devices in its inventory files', () => {
    const advice = 'b is not alive: start it again, or, if it is gone for good, "guaita monitors forget b"';
    const fed = (feeders: string[]): readonly string[] =>
      judged({ a: view(), b: view({ alive: false }) }, device(['a', 'c'], ['a', 'c'], { feeders })).troubles;
    expect(fed(['b'])).toEqual([
      `${advice}; 1 device stands in its inventory files alone: put those at another monitor first, or lose them by --with-devices`,
    ]);
    expect(fed(['a', 'b'])).toEqual([advice]);
  });

  it('names monitors of which only an end is known, or devices in their files', () => {
    const judgement = judge({
      monitors: new Map([['a', view()]]),
      devices: new Map([['ap', device(['a'], ['a'], { feeders: ['a', 'c', 'command'] })]]),
      headers: new Map([['a', header()]]),
      ended: new Set(['a', 'b']),
      present: ['a'],
    });
    expect(judgement).toMatchObject({ ok: false, gone: ['b', 'c'] });
    expect(judgement.troubles.join()).toContain('"guaita monitors forget b"');
    expect(judgement.troubles.join()).toContain('"guaita monitors forget c"');
    expect(renderStatus(judgement, 'mqtt://x')).toContain('b        gone   -     0     0        -');
  });

  it('follows the policy that most live monitors were given', () => {
    const headers = { a: header([], 1), b: header([], 1), c: header([], 3) };
    expect(judged({ a: view(), b: view(), c: view() }, device(['a']), headers).policy?.monitors_per_device).toBe(1);
  });

  it('is no judgement where nobody speaks', () => {
    const { ok, stale } = judge({
      monitors: new Map(),
      devices: new Map(),
      headers: new Map(),
      ended: new Set(),
      present: [],
    });
    expect([ok, stale]).toEqual([false, true]);
  });

  it('is told to people in a table, and devices by their reason', () => {
    const judgement = judged({ a: view({ held: 1 }), b: view({ alive: false, site: 'attic' }) }, device(['a']));
    expect(renderStatus(judgement, 'mqtt://x')).toEqual([
      'monitor  state  site   held  leaving  capacity  heard over',
      'a        alive  home   1     0        100',
      'b        dead   attic  0     0        100',
      '',
      '1 device (2 monitors each, spread): 0 watched as they should be, 1 under-watched',
      '  1 of 2, too few monitors: b is not alive: ap',
      'trouble: b is not alive: start it again, or, if it is gone for good, "guaita monitors forget b"',
    ]);
  });
});
