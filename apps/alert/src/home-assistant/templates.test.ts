import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemProgram } from '@guaita/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { templates } from './templates.ts';

/** A template and the payload of which it makes something; without a payload: a topic that was cleared. */
interface Case {
  readonly template: string;
  readonly payload?: unknown;
}

const BETWEEN = '\n----\n';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'templates-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What the real Jinja makes of each, in one go: it takes a while to start. */
function rendered(cases: readonly Case[]): string[] {
  const file = join(folder, 'cases.j2');
  const parts = cases.map(({ template, payload }, n) =>
    payload === undefined ? template : `{% with value_json = case${n} %}${template}{% endwith %}`,
  );
  writeFileSync(file, parts.join(BETWEEN));
  const input = JSON.stringify(Object.fromEntries(cases.map(({ payload }, n) => [`case${n}`, payload ?? null])));
  const output = execFileSync(systemProgram('j2'), ['--format', 'json', file, '-'], { input, encoding: 'utf8' });
  return output.split(BETWEEN).map((text) => text.trim());
}

const ETH0 = { type: 6, in_bps: 1000, out_bps: 10 };
const WAN = { type: 6, in_bps: 500, out_bps: 2000 };
const UNKNOWN = { type: 6, in_bps: null, out_bps: null };
const LOOPBACK = { type: 24, in_bps: 9e9, out_bps: 9e9 };
const ODD = `it's "}}" {% x %}`;

type Plain = Exclude<keyof typeof templates, 'traffic'>;

describe('of our messages Home Assistant reads', () => {
  it.each<[string, readonly (readonly [Plain, unknown, string])[]]>([
    [
      'whether a device is reached',
      [
        ['connectivity', { state: 'up' }, 'ON'],
        ['connectivity', { state: 'disputed' }, 'ON'],
        ['connectivity', { state: 'down' }, 'OFF'],
        ['connectivity', { state: 'unreachable' }, 'OFF'],
        ['connectivity', { state: 'unknown' }, 'None'],
        ['connectivity', { state: 'maintenance' }, 'None'],
        ['connectivity', undefined, 'None'],
      ],
    ],
    [
      'whether that can be told',
      [
        ['isKnown', { state: 'down' }, 'online'],
        ['isKnown', { state: 'unknown' }, 'offline'],
        ['isKnown', undefined, 'offline'],
      ],
    ],
    [
      'whether a monitor watches',
      [
        ['isWatching', { alive: true, isolated: false }, 'online'],
        ['isWatching', { alive: true, isolated: true }, 'offline'],
        ['isWatching', { alive: false, isolated: false }, 'offline'],
        ['isWatching', undefined, 'offline'],
      ],
    ],
    [
      'whether a service runs',
      [
        ['isOnline', { state: 'online' }, 'online'],
        ['isOnline', { state: 'offline' }, 'offline'],
        ['isOnline', undefined, 'offline'],
      ],
    ],
    [
      'round trips and loss',
      [
        ['latency', { rtt_avg_ms: 1.25 }, '1.25'],
        ['latency', { rtt_avg_ms: null }, 'None'],
        ['latency', undefined, 'None'],
        ['loss', { loss_percent: 33.333 }, '33.333'],
        ['loss', { loss_percent: 0 }, '0'],
        ['loss', { loss_percent: null }, 'None'],
        ['loss', undefined, 'None'],
      ],
    ],
  ])('%s', (_, cases) => {
    const values = rendered(cases.map(([name, payload]) => ({ template: templates[name], payload })));
    expect(values).toEqual(cases.map(([, , value]) => value));
  });

  it('why a device is in its state', () => {
    const told = { state: 'down', reason: 'no “reply” & no ARP', since: '2026-11-22T22:41:25.000Z' };
    const values = rendered([
      { template: templates.why, payload: { ...told, seen_by: [] } },
      { template: templates.why },
    ]);
    expect(values.map((text) => JSON.parse(text))).toEqual([told, {}]);
  });

  it('traffic: of the named interfaces together, or of the busiest', () => {
    const cases: readonly (readonly [readonly string[] | undefined, object | undefined, string, string])[] = [
      [undefined, { lo: LOOPBACK, eth0: ETH0, wan: WAN, tun: UNKNOWN }, '1000', '2000'],
      [['eth0', 'wan'], { lo: LOOPBACK, eth0: ETH0, wan: WAN }, '1500', '2010'],
      [['eth0', 'tun', 'gone'], { eth0: ETH0, tun: UNKNOWN }, '1000', '10'],
      [[ODD], { [ODD]: ETH0, eth0: WAN }, '1000', '10'],
      [undefined, { tun: UNKNOWN }, 'None', 'None'],
      [['eth0'], {}, 'None', 'None'],
      [['eth0'], undefined, 'None', 'None'],
      [undefined, undefined, 'None', 'None'],
    ];
    const directions = ['in_bps', 'out_bps'] as const;
    const values = rendered(
      cases.flatMap(([names, interfaces]) => {
        const payload = interfaces === undefined ? undefined : { interfaces };
        return directions.map((direction) => ({ template: templates.traffic(direction, names), payload }));
      }),
    );
    expect(values).toEqual(cases.flatMap(([, , inward, outward]) => [inward, outward]));
  });
});
