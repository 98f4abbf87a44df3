import type { InterfaceObservation, PingObservation, SnmpObservation, Trouble } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { measurementConfig, rulesOf } from './config.ts';
import { Measured } from './measured.ts';
import type { Rules } from './rules.ts';

const BEGIN_ms = Date.parse('2026-03-01T12:00:00Z');
const DEFAULTS = rulesOf(measurementConfig.parse({}));

/** One monitor measures one device once a minute. */
class Bench {
  measured = new Measured([], { monotonic_ms: 0, wall_ms: BEGIN_ms });
  others: readonly Trouble[] = [];
  rules: Rules = DEFAULTS;
  #now_ms = 0;

  get now() {
    return { monotonic_ms: this.#now_ms, wall_ms: BEGIN_ms + this.#now_ms };
  }

  /** The process ends, and another goes on so much later with what was kept, as it stands in a file. */
  restart(after_minutes: number): void {
    const kept = JSON.parse(JSON.stringify(this.measured.kept)) as Measured['kept'];
    this.#now_ms += after_minutes * 60_000;
    this.measured = new Measured(this.measured.troubles, this.now, kept);
  }

  ping(minutes: number, change: Partial<PingObservation> = {}): string[] {
    return this.#each(minutes, (at) => {
      const rtts = { rtt_min_ms: 10, rtt_avg_ms: 10, rtt_max_ms: 10, jitter_ms: 0 };
      const counts = { sent: 3, received: 3, loss_percent: 0, state: 'up' } as const;
      const observation = { at, address: '192.0.2.1', ...counts, ...rtts, ...change };
      this.measured.ping(observation, this.rules, () => this.others, this.now);
    });
  }

  poll(
    minutes: number,
    interfaces: Readonly<Record<string, Partial<InterfaceObservation>>>,
    change: Partial<SnmpObservation> = {},
  ): string[] {
    return this.#each(minutes, (at) => {
      const read = Object.entries(interfaces).map(([name, each]) => [name, { ...UP, ...each }] as const);
      const system = { uptime_s: 86_400 + this.#now_ms / 1000, name: null, description: null };
      const observation = { at, address: '192.0.2.1', state: 'up' as const, ...system, ...change };
      const all = { ...observation, interfaces: Object.fromEntries(read) };
      this.measured.snmp(all, this.rules, () => this.others, this.now);
    });
  }

  #each(minutes: number, measure: (at: string) => void): string[] {
    for (let n = 0; n < minutes; n += 1) {
      this.#now_ms += 60_000;
      measure(new Date(BEGIN_ms + this.#now_ms).toISOString());
    }
    return this.measured.troubles.map(({ kind, part }) => [kind, part].filter(Boolean).join(' '));
  }
}

const UP: InterfaceObservation = {
  ...{ index: 1, alias: null, type: 6, admin: 'up', oper: 'up', speed_bps: 1e9, in_bps: 0, out_bps: 0 },
  ...{ in_octets: 0, out_octets: 0, in_errors_per_s: 0, out_errors_per_s: 0, in_discards_per_s: 0 },
  ...{ out_discards_per_s: 0, in_multicast_per_s: 0, out_multicast_per_s: 0 },
};
const LOSSY = { received: 2, loss_percent: 33.333 };
const DEAD = { received: 0, loss_percent: 100, rtt_avg_ms: null, state: 'down' } as const;

describe('loss', () => {
  it('is told when a third of the pings has been lost for minutes, and over when hardly any is for longer', () => {
    const bench = new Bench();
    expect(bench.ping(10)).toEqual([]);
    expect(bench.ping(4, LOSSY)).toEqual([]);
    expect(bench.ping(6, LOSSY)).toEqual(['loss']);
    expect(bench.measured.troubles[0]?.value).toBeGreaterThanOrEqual(20);
    expect(bench.ping(10)).toEqual(['loss']);
    expect(bench.ping(10)).toEqual([]);
  });

  it('is not told of one ping in ten, of a single bad probe, or of an outage', () => {
    const bench = new Bench();
    for (let n = 0; n < 20; n += 1) {
      bench.ping(2);
      expect(bench.ping(1, LOSSY)).toEqual([]);
    }
    bench.ping(1, { received: 0, loss_percent: 100, rtt_avg_ms: null });
    expect(bench.ping(30, DEAD)).toEqual([]);
    expect(bench.ping(10)).toEqual([]);
  });

  it('that is told is not over by an outage', () => {
    const bench = new Bench();
    bench.ping(15, LOSSY);
    expect(bench.ping(60, DEAD)).toEqual(['loss']);
    expect(bench.ping(20)).toEqual([]);
  });
});

describe('latency', () => {
  it('is told when it has been twice the usual for minutes, with both, and over when it is as it was', () => {
    const bench = new Bench();
    expect(bench.ping(120)).toEqual([]);
    expect(bench.ping(15, { rtt_avg_ms: 80 })).toEqual(['latency']);
    const [{ usual = 0 } = {}] = bench.measured.troubles;
    expect(Math.abs(usual - 10)).toBeLessThan(1);
    expect(bench.ping(60)).toEqual([]);
  });

  it('is not told of a few milliseconds, of a spike, or of what always varies', () => {
    const bench = new Bench();
    bench.ping(120, { rtt_avg_ms: 0.4 });
    expect(bench.ping(60, { rtt_avg_ms: 4 })).toEqual([]);
    bench.ping(1, { rtt_avg_ms: 900 });
    expect(bench.ping(60, { rtt_avg_ms: 0.4 })).toEqual([]);
    const varies = new Bench();
    for (let n = 0; n < 600; n += 1) expect(varies.ping(1, { rtt_avg_ms: 20 + ((n * 37) % 80) })).toEqual([]);
  });

  it('is not told before it is known what is usual, nor by what a restart finds', () => {
    const bench = new Bench();
    bench.ping(10);
    expect(bench.ping(40, { rtt_avg_ms: 80 })).toEqual([]);
    const restarted = new Bench();
    expect(restarted.ping(300, { rtt_avg_ms: 80 })).toEqual([]);
  });

  it('that was told before a restart is held to what was usual then', () => {
    const bench = new Bench();
    const told: Trouble = { kind: 'latency', episode: 7, since: '2026-03-01T11:00:00.000Z', value: 80, usual: 10 };
    bench.measured = new Measured([told], bench.now);
    expect(bench.ping(40, { rtt_avg_ms: 80 })).toEqual(['latency']);
    expect(bench.measured.troubles).toEqual([told]);
    expect(bench.ping(20)).toEqual([]);
  });
});

describe('an interface', () => {
  it('is told to be down when it was up, and to be up again', () => {
    const bench = new Bench();
    expect(bench.poll(2, { eth0: {}, eth1: {} })).toEqual([]);
    expect(bench.poll(2, { eth0: { oper: 'down' }, eth1: {} })).toEqual(['interface-down eth0']);
    expect(bench.poll(2, { eth0: { oper: 'lower_layer_down' }, eth1: { oper: 'down' } })).toEqual([
      'interface-down eth0',
      'interface-down eth1',
    ]);
    expect(bench.poll(2, { eth0: {}, eth1: { oper: 'down' } })).toEqual(['interface-down eth1']);
  });

  it.each<[string, Partial<InterfaceObservation>, Partial<InterfaceObservation>]>([
    ['that never was up', { oper: 'down' }, { oper: 'down' }],
    ['that somebody shut down', {}, { admin: 'down', oper: 'down' }],
    ['that waits for traffic', {}, { oper: 'dormant' }],
    ['that is tested', {}, { admin: 'testing', oper: 'testing' }],
    ['of which nothing is known', {}, { oper: null }],
  ])('%s is not told of', (_, before, after) => {
    const bench = new Bench();
    bench.poll(3, { eth0: before });
    expect(bench.poll(10, { eth0: after })).toEqual([]);
  });

  it('that somebody shuts down is no longer missed, nor while it comes up again', () => {
    const bench = new Bench();
    bench.poll(2, { eth0: {} });
    expect(bench.poll(3, { eth0: { oper: 'down' } })).toEqual(['interface-down eth0']);
    expect(bench.poll(3, { eth0: { admin: 'down', oper: 'down' } })).toEqual([]);
    expect(bench.poll(3, { eth0: { oper: 'down' } })).toEqual([]);
  });

  it('that its device does not list any more is not waited for; a poll that failed tells nothing of it', () => {
    const bench = new Bench();
    bench.poll(2, { eth0: {}, eth1: {} });
    bench.poll(3, { eth0: { oper: 'down' }, eth1: {} });
    expect(bench.poll(5, {}, { missing: { interfaces: 'timeout' } })).toEqual(['interface-down eth0']);
    expect(bench.poll(5, {}, { state: 'down' })).toEqual(['interface-down eth0']);
    expect(bench.poll(2, { eth1: {} })).toEqual(['interface-down eth0']);
    expect(bench.poll(1, { eth1: {} })).toEqual([]);
  });

  it('may be called as what every object inherits', () => {
    const bench = new Bench();
    const down: Partial<InterfaceObservation> = { oper: 'down' };
    bench.poll(2, { constructor: {}, eth1: {} });
    expect(bench.poll(3, { constructor: down, eth1: {} })).toEqual(['interface-down constructor']);
    expect(bench.poll(3, { eth1: {} })).toEqual([]);
  });

  it('is told to be busy after a quarter of an hour, and to have errors after five minutes', () => {
    const bench = new Bench();
    expect(bench.poll(15, { eth0: { out_bps: 950e6 } })).toEqual([]);
    expect(bench.poll(1, { eth0: { out_bps: 950e6 } })).toEqual(['utilisation eth0']);
    expect(bench.poll(10, { eth0: { out_bps: 850e6 } })).toEqual(['utilisation eth0']);
    expect(bench.poll(6, { eth0: { out_bps: 100e6 } })).toEqual([]);
    expect(bench.poll(6, { eth0: { in_errors_per_s: 2 } })).toEqual(['errors eth0']);
    expect(bench.poll(6, { eth0: { in_errors_per_s: null, out_errors_per_s: null } })).toEqual(['errors eth0']);
    expect(bench.poll(11, { eth0: {} })).toEqual([]);
    expect(bench.poll(30, { eth0: { in_bps: 1e9, speed_bps: null } })).toEqual([]);
  });
});

describe('a restart', () => {
  it('is told for some minutes', () => {
    const bench = new Bench();
    bench.poll(2, {});
    expect(bench.poll(1, {}, { uptime_s: 30 })).toEqual(['reboot']);
    for (let n = 0; n < 8; n += 1) bench.poll(1, {}, { uptime_s: 90 + n * 60 });
    expect(bench.poll(1, {}, { uptime_s: 570 })).toEqual(['reboot']);
    expect(bench.poll(1, {}, { uptime_s: 630 })).toEqual([]);
  });

  it('is none where the 497 days of a counter are over, or where uptime is not given', () => {
    const bench = new Bench();
    bench.poll(1, {}, { uptime_s: 42_949_600 });
    expect(bench.poll(1, {}, { uptime_s: 12 })).toEqual([]);
    expect(bench.poll(1, {}, { uptime_s: null })).toEqual([]);
  });
});

describe('several monitors', () => {
  const told: Trouble = { kind: 'interface-down', part: 'eth0', episode: 7, since: '2026-03-01T11:00:00.000Z' };

  it('hand over what is told: it goes on under its name, and ends as if nobody had changed', () => {
    const bench = new Bench();
    bench.others = [told];
    expect(bench.poll(3, { eth0: { oper: 'down' } })).toEqual(['interface-down eth0']);
    expect(bench.measured.troubles).toEqual([told]);
    expect(bench.poll(2, { eth0: {} })).toEqual([]);
  });

  it('name one event by the lowest of its names', () => {
    const bench = new Bench();
    bench.ping(2);
    bench.others = [{ kind: 'loss', episode: 7, since: '2026-03-01T11:00:00.000Z' }];
    bench.ping(15, LOSSY);
    expect(bench.measured.troubles).toMatchObject([{ kind: 'loss', episode: 7 }]);
    expect(bench.measured.agree([{ kind: 'loss', episode: 9, since: told.since }])).toBe(false);
    expect(bench.measured.agree([{ kind: 'loss', episode: 3, since: told.since }])).toBe(true);
    expect(bench.measured.troubles).toMatchObject([{ kind: 'loss', episode: 3 }]);
  });

  it('let go of what another measures now', () => {
    const bench = new Bench();
    bench.measured = new Measured([told, { ...told, kind: 'loss' }], bench.now);
    bench.ping(1);
    expect(bench.measured.dropStale(1, -Infinity)).toBe(true);
    expect(bench.measured.troubles).toMatchObject([{ kind: 'loss' }]);
    bench.measured.leave('ping', 70_000);
    expect(bench.measured.dropStale(1, 70_000)).toBe(false);
    expect(bench.measured.dropStale(1, 70_001)).toBe(true);
    expect(bench.measured.troubles).toEqual([]);
    expect(bench.measured.isStale(60_000)).toBe(false);
  });
});

it('what is switched off is neither told nor kept', () => {
  const bench = new Bench();
  bench.ping(15, LOSSY);
  bench.rules = rulesOf(measurementConfig.parse({ off: ['loss', 'interface-down'] }));
  expect(bench.measured.keep((kind) => bench.rules[kind] !== undefined)).toBe(true);
  bench.ping(15, LOSSY);
  bench.poll(2, { eth0: {} });
  expect(bench.poll(5, { eth0: { oper: 'down' } })).toEqual([]);
});

describe('a restart', () => {
  it('knows what latency is usual: what is too long after it is told, and what is usual is not', () => {
    const bench = new Bench();
    bench.ping(120);
    bench.restart(10);
    expect(bench.ping(30)).toEqual([]);
    bench.restart(10);
    expect(bench.ping(4, { rtt_avg_ms: 60 })).toEqual([]);
    expect(bench.ping(10, { rtt_avg_ms: 60 })).toEqual(['latency']);
    expect(bench.measured.troubles[0]?.usual).toBeCloseTo(10, 0);
  });

  it('goes on learning where it was', () => {
    const bench = new Bench();
    bench.ping(40);
    bench.restart(10);
    bench.ping(30);
    expect(bench.ping(15, { rtt_avg_ms: 60 })).toEqual(['latency']);
  });

  it('knows which interfaces were up: one that fell meanwhile is told, and none that never was up or was shut down', () => {
    const bench = new Bench();
    const before = { eth0: {}, eth1: { oper: 'down' }, eth2: {}, constructor: {} } as const;
    bench.poll(5, before);
    bench.poll(1, { ...before, eth2: { admin: 'down', oper: 'down' } });
    bench.restart(600);
    bench.restart(600);
    const down = { oper: 'down' } as const;
    expect(bench.poll(2, { eth0: down, eth1: down, eth2: down, constructor: down })).toEqual([
      'interface-down eth0',
      'interface-down constructor',
    ]);
    expect(bench.poll(2, before)).toEqual([]);
  });
});
