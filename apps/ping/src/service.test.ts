import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { channels, type Assigned, type Probing } from '@guaita/messages';
import { PING_DEFAULTS, type PingCheck, type PingObservation } from '@guaita/model';
import type { Lookup } from '@guaita/probing';
import { Health, ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pingConfig, type PingConfig } from './config.ts';
import { answering, failing, ScriptedEngine, silent, unrouted } from './engine/scripted.ts';
import type { PingHost } from './host.ts';
import { PingService } from './service.ts';

const monitor = 'm1';
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A service with a network, a clock and a broker that the test moves. */
async function world(config: Partial<PingConfig> = {}, host: Partial<PingHost> = {}) {
  const clock = new ManualClock();
  const engine = new ScriptedEngine();
  const broker = new MemoryBroker({ monotonic_ms: () => clock.monotonic_ms() });
  const bus = new MemoryBus(broker, { monotonic_ms: () => clock.monotonic_ms() });
  const assign = new MemoryBus(broker);
  await Promise.all([bus.start(), assign.start()]);
  stops.push(
    () => assign.stop(),
    () => bus.stop(),
  );
  const wire = new Wire(assign, (error) => {
    throw error;
  });
  const said: { device: string; value: PingObservation | undefined }[] = [];
  const probing: Probing[] = [];
  await wire.hear(channels.ping, { monitor }, ({ parameters, value }) =>
    said.push({ device: parameters.device, value }),
  );
  await wire.hear(channels.probing, { monitor }, ({ value }) => value !== undefined && probing.push(value));
  const service = new PingService(
    {
      ...{ monitor, site: 'home', dataDir: '/nonexistent', clock, random: () => 0.5 },
      ...{ log: pino({ level: 'silent' }), metrics: new Registry(), health: new Health() },
      wire: new Wire(bus, (error) => {
        throw error;
      }),
    },
    pingConfig.parse(config),
    {
      engines: [engine],
      lookup: () => Promise.reject(new Error('no resolver')),
      gateways: () => Promise.resolve([]),
      ownAddresses: () => ['127.0.0.1/8', '192.168.1.7/24'],
      ...host,
    },
  );
  const ending = new AbortController();
  await service.start(ending.signal);
  stops.push(() => service.stop());

  const say = async (device: string, addresses: string[], check: Partial<PingCheck> = {}): Promise<void> => {
    const assigned: Assigned = { name: device, addresses, checks: { ping: { ...PING_DEFAULTS, ...check } } };
    wire.say(channels.assigned, { monitor, device }, assigned);
    await clock.advance(1);
  };
  const release = async (device: string): Promise<void> => {
    wire.clear(channels.assigned, { monitor, device });
    await clock.advance(1);
  };
  /** What was said of a device since the last time this was asked. */
  const heard = (device: string): (PingObservation | undefined)[] => {
    const values = said.filter((message) => message.device === device).map(({ value }) => value);
    for (let at = said.length - 1; at >= 0; at -= 1) if (said[at]!.device === device) said.splice(at, 1);
    return values;
  };
  const states = (device: string): string[] => heard(device).map((value) => value?.state ?? 'cleared');
  return { clock, engine, broker, assign, service, ending, wire, say, release, heard, states, probing };
}

describe('the ping service', () => {
  it('probes a newly assigned device at once, and says what it saw', async () => {
    const { clock, say, heard, broker } = await world();
    await say('router', ['10.0.0.1'], { count: 2 });
    await clock.advance(200);
    expect(heard('router')).toEqual([
      {
        ...{ at: expect.any(String) as string, address: '10.0.0.1', sent: 2, received: 2, loss_percent: 0 },
        ...{ rtt_min_ms: 1, rtt_avg_ms: 1, rtt_max_ms: 1, jitter_ms: 0, state: 'up' },
      },
    ]);
    expect(broker.retained.has(`guaita/monitor/m1/ping/router`)).toBe(true);
    await clock.advance(60_000 * 10);
    const later = heard('router').length;
    expect(later).toBeGreaterThanOrEqual(9);
    expect(later).toBeLessThanOrEqual(11);
  });

  it('probes at once what an operator wants probed and is watched here, each once', async () => {
    const { clock, engine, wire, say, heard } = await world();
    for (const n of [1, 2, 3]) await say(`d${n}`, [`10.0.0.${n}`], { interval_s: 600 });
    await clock.advance(5_000);
    for (const n of [1, 2, 3]) heard(`d${n}`);
    const probed = vi.spyOn(engine, 'probe');
    const devices = ['d1', 'd3', 'd1', 'elsewhere'];
    wire.say(channels.probeDevices, {}, { devices });
    wire.say(channels.probeDevices, {}, { devices });
    await clock.advance(500);
    expect(['d1', 'd2', 'd3'].map((device) => heard(device).length)).toEqual([1, 0, 1]);
    expect(probed).toHaveBeenCalledTimes(1);
  });

  it('lets an observation expire after three intervals', async () => {
    const { clock, engine, say, broker } = await world();
    await say('router', ['10.0.0.1'], { interval_s: 20 });
    await clock.advance(200);
    const stuck = vi.spyOn(engine, 'probe').mockReturnValue(new Promise(() => undefined));
    stops.push(async () => stuck.mockRestore());
    await clock.advance(58_000);
    expect(broker.retained.has('guaita/monitor/m1/ping/router')).toBe(true);
    await clock.advance(3000);
    expect(broker.retained.has('guaita/monitor/m1/ping/router')).toBe(false);
  });

  it('calls a device that falls silent down within seconds, after its confirmation', async () => {
    const { clock, engine, say, states, heard } = await world();
    await say('router', ['10.0.0.1'], { interval_s: 3600 });
    await clock.advance(200);
    expect(states('router')).toEqual(['up']);
    engine.script('10.0.0.1', silent);
    await clock.advance(3_600_000 * 1.5 + 10_000);
    const observations = heard('router');
    const first = observations.findIndex((value) => value?.received === 0);
    expect(observations.slice(first, first + 2).map((value) => value?.state)).toEqual(['up', 'down']);
    const [from, to] = [observations[first]!.at, observations[first + 1]!.at].map((at) => Date.parse(at));
    expect(to! - from!).toBeLessThanOrEqual(4000);
    expect(observations[first]?.reason).toBe('no answer; being confirmed');
    expect(observations[first + 1]).toMatchObject({ reason: 'no answer', loss_percent: 100, rtt_avg_ms: null });
  });

  it('calls a device that answers again up with its next probe', async () => {
    const { clock, engine, say, states } = await world();
    engine.script('10.0.0.1', silent);
    await say('router', ['10.0.0.1'], { interval_s: 10 });
    await clock.advance(6000);
    expect(states('router')).toEqual(['unknown', 'down']);
    engine.script('10.0.0.1', answering(2));
    await clock.advance(16_000);
    expect(states('router')[0]).toBe('up');
  });

  it('says unknown, never down, while its engine fails', async () => {
    const { clock, engine, say, states } = await world();
    await say('router', ['10.0.0.1'], { interval_s: 10 });
    await clock.advance(1000);
    states('router');
    engine.script('10.0.0.1', failing('fping was stuck'));
    await clock.advance(120_000);
    expect(new Set(states('router'))).toEqual(new Set(['unknown']));
  });

  it('says nothing of the probes that it abandons once its process is asked to end', async () => {
    const { clock, engine, ending, say, states } = await world();
    await say('router', ['10.0.0.1'], { interval_s: 5 });
    await clock.advance(1000);
    engine.otherwise(() => {
      ending.abort();
      return { unknown: 'fping was ended by signal 15' };
    });
    await clock.advance(60_000);
    expect(ending.signal.aborted).toBe(true);
    expect(states('router')).toEqual(['up']);
  });

  it('believes no probe during which its host stood still, and probes all anew when that goes on', async () => {
    const { clock, engine, say, heard } = await world();
    for (const n of [1, 2]) await say(`d${n}`, [`10.0.0.${n}`], { interval_s: 600 });
    await clock.advance(5_000);
    for (const n of [1, 2]) heard(`d${n}`);
    const elapsed_ms = clock.monotonic_ms.bind(clock);
    let stood_ms = 0;
    const stood = vi.spyOn(clock, 'monotonic_ms').mockImplementation(() => elapsed_ms() + stood_ms);
    stops.push(async () => stood.mockRestore());
    engine.script('10.0.0.1', (target) => {
      stood_ms ||= 60_000;
      engine.script('10.0.0.1', answering(1));
      return silent(target);
    });
    for (let second = 0; stood_ms === 0 && second < 1_200; second += 1) await clock.advance(1_000);
    expect(heard('d1').map((value) => value?.received)).not.toContain(0);
    heard('d2');
    await clock.advance(2_000);
    expect([1, 2].map((n) => heard(`d${n}`).map((value) => value?.received))).toEqual([[3], [3]]);
  });

  it('probes the address that answered last, and all of them to confirm a silence', async () => {
    const { clock, engine, say, heard } = await world();
    engine.script('10.0.0.1', silent);
    await say('router', ['10.0.0.1', '10.0.0.2', 'fd00::3'], { interval_s: 10 });
    await clock.advance(200);
    expect(heard('router')).toMatchObject([{ address: '10.0.0.2', state: 'up' }]);
    const before = engine.probed.length;
    await clock.advance(10_000);
    const routine = engine.probed.slice(before).map(({ address }) => address);
    expect(new Set(routine.filter((address) => address !== '127.0.0.1'))).toEqual(new Set(['10.0.0.2']));
    engine.script('10.0.0.2', silent);
    await clock.advance(20_000);
    expect(heard('router').at(-1)).toMatchObject({ address: 'fd00::3', state: 'up' });
  });

  it('clears what it said of a device that is released, and probes it no more', async () => {
    const { clock, engine, say, release, states, broker } = await world();
    await say('router', ['10.0.0.1'], { interval_s: 5 });
    await clock.advance(1000);
    await release('router');
    expect(states('router').at(-1)).toBe('cleared');
    expect(broker.retained.has('guaita/monitor/m1/ping/router')).toBe(false);
    const probed = engine.probed.length;
    await clock.advance(60_000);
    expect(engine.probed.slice(probed).some(({ address }) => address === '10.0.0.1')).toBe(false);
  });

  it('releases a device whose assignment has no ping check any more', async () => {
    const { clock, wire, say, states } = await world();
    await say('router', ['10.0.0.1']);
    await clock.advance(200);
    wire.say(channels.assigned, { monitor, device: 'router' }, { name: 'r', addresses: ['10.0.0.1'], checks: {} });
    await clock.advance(10);
    expect(states('router')).toEqual(['up', 'cleared']);
  });

  it('probes a device at once at its new address', async () => {
    const { clock, say, heard } = await world();
    await say('router', ['10.0.0.1'], { interval_s: 3600 });
    await clock.advance(1000);
    heard('router');
    await say('router', ['10.0.0.9'], { interval_s: 3600 });
    await clock.advance(2000);
    expect(heard('router')).toMatchObject([{ address: '10.0.0.9' }]);
  });

  it('sends nothing to an address that is refused, and says why', async () => {
    const { clock, engine, say, heard } = await world({ denied_networks: ['10.66.0.0/16'] });
    await say('all', ['224.0.0.1'], { interval_s: 5 });
    await say('lan', ['192.168.1.255']);
    await say('hidden', ['::ffff:10.66.0.1']);
    await clock.advance(6000);
    expect(heard('all')[0]).toMatchObject({ state: 'unknown', sent: 0, address: null, loss_percent: null });
    expect(heard('lan')[0]?.reason).toContain('broadcast address of a network of this host');
    expect(heard('hidden')[0]?.reason).toContain('denied_networks');
    expect(engine.probed.filter(({ address }) => address !== '127.0.0.1')).toEqual([]);
  });

  it('checks what a name resolves to, and waits for no other device’s name', async () => {
    const zone: Record<string, string[]> = { 'evil.example': ['255.255.255.255'], 'router.lan': ['10.0.0.1'] };
    const lookup: Lookup = (name) =>
      zone[name] === undefined ? new Promise(() => undefined) : Promise.resolve(zone[name]);
    const { clock, say, heard } = await world({}, { lookup });
    await say('slow', ['slow.example']);
    await say('evil', ['evil.example']);
    await say('router', ['router.lan']);
    await clock.advance(2000);
    expect(heard('router')).toMatchObject([{ state: 'up', address: '10.0.0.1' }]);
    expect(heard('evil')[0]).toMatchObject({ state: 'unknown', sent: 0 });
    expect(heard('slow')).toEqual([]);
    await clock.advance(12_000);
    expect(heard('slow')[0]?.reason).toContain('did not resolve within 10 s');
  });

  it('forgets the names that no device has any more', async () => {
    const asked: string[] = [];
    const lookup: Lookup = (name) => {
      asked.push(name);
      return Promise.resolve(['10.0.0.1']);
    };
    const { clock, say, release } = await world({ resolve_ttl_s: 86_400 }, { lookup });
    await say('a', ['a.lan']);
    await say('b', ['b.lan']);
    await clock.advance(500);
    await release('b');
    await clock.advance(61_000);
    await say('b', ['b.lan']);
    await say('c', ['a.lan']);
    await clock.advance(2000);
    expect(asked).toEqual(['a.lan', 'b.lan', 'b.lan']);
  });

  it('goes on probing without its broker, and releases what was released meanwhile', async () => {
    const { clock, engine, broker, assign, say } = await world();
    await say('a', ['10.0.0.1'], { interval_s: 5 });
    await say('b', ['10.0.0.2'], { interval_s: 5 });
    await clock.advance(1000);
    await assign.stop();
    broker.stop();
    const probed = engine.probed.length;
    await clock.advance(20_000);
    expect(engine.probed.slice(probed).some(({ address }) => address === '10.0.0.1')).toBe(true);
    broker.publish({ topic: 'guaita/host/m1/assigned/b', payload: '', qos: 1, retain: true });
    broker.start();
    await clock.advance(30_000);
    expect(broker.retained.has('guaita/monitor/m1/ping/b')).toBe(false);
    expect(broker.retained.has('guaita/monitor/m1/ping/a')).toBe(true);
    const before = engine.probed.length;
    await clock.advance(10_000);
    expect(engine.probed.slice(before).map(({ address }) => address)).not.toContain('10.0.0.2');
  });

  it('keeps all its devices when the broker comes back empty', async () => {
    const { clock, broker, assign, say } = await world();
    await say('a', ['10.0.0.1'], { interval_s: 5 });
    await clock.advance(1000);
    await assign.stop();
    broker.stop({ forget: true });
    broker.start();
    await clock.advance(60_000);
    expect(broker.retained.has('guaita/monitor/m1/ping/a')).toBe(true);
  });

  it('bounds the burst when 10,000 devices are assigned at once', { timeout: 60_000 }, async () => {
    const { clock, engine, wire } = await world({ burst_per_s: 500 });
    for (let index = 0; index < 10_000; index += 1) {
      const addresses = [`10.${index >> 8}.${index & 255}.1`];
      wire.say(
        channels.assigned,
        { monitor, device: `d${index}` },
        { name: 'd', addresses, checks: { ping: PING_DEFAULTS } },
      );
    }
    await clock.advance(1);
    let before = engine.probed.length;
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1000);
      expect(engine.probed.length - before).toBeLessThanOrEqual(1000 + 2 * 167 + 60);
      before = engine.probed.length;
    }
    expect(new Set(engine.probed.map(({ address }) => address)).size).toBeGreaterThanOrEqual(10_000);
  });
});

describe('the anchors', () => {
  it('are said, and that the monitor is isolated when all of them fail', async () => {
    const { clock, engine, probing } = await world({ anchors: ['192.0.2.1', '192.0.2.2'] });
    await clock.advance(6000);
    expect(probing.at(-1)).toMatchObject({
      isolated: false,
      anchors: [
        { address: '192.0.2.1', state: 'up' },
        { address: '192.0.2.2', state: 'up' },
      ],
    });
    engine.script('192.0.2.1', silent);
    await clock.advance(20_000);
    expect(probing.at(-1)).toMatchObject({ isolated: false, anchors: [{ state: 'down' }, { state: 'up' }] });
    engine.script('192.0.2.2', silent);
    await clock.advance(10_000);
    expect(probing.at(-1)).toMatchObject({ isolated: true });
    engine.script('192.0.2.2', answering(1));
    await clock.advance(6000);
    expect(probing.at(-1)).toMatchObject({ isolated: false });
  });

  it('make nothing isolated by single requests that are lost: one that was silent is asked thrice', async () => {
    const { clock, engine, probing } = await world({ anchors: ['192.0.2.1'] });
    await clock.advance(6000);
    engine.script('192.0.2.1', ({ count }) => ({ rtts_ms: count === 1 ? [null] : [null, null, 1] }));
    await clock.advance(60_000);
    expect(probing.every(({ isolated }) => !isolated)).toBe(true);
  });

  it('keep a device from being called down when nobody answers', async () => {
    const { clock, engine, say, states, probing } = await world({ anchors: ['192.0.2.1'] });
    await say('router', ['10.0.0.1'], { interval_s: 5 });
    await clock.advance(7000);
    states('router');
    engine.otherwise(silent);
    await clock.advance(60_000);
    expect(states('router')).not.toContain('down');
    expect(probing.at(-1)).toMatchObject({ isolated: true });
    engine.otherwise(answering(1));
    await clock.advance(15_000);
    expect(states('router').at(-1)).toBe('up');
  });

  it('let the default gateway be called down while others answer', async () => {
    const { clock, engine, say, states, probing } = await world(
      {},
      { gateways: () => Promise.resolve(['192.168.1.1']) },
    );
    await say('gateway', ['192.168.1.1'], { interval_s: 5 });
    await say('printer', ['192.168.1.20'], { interval_s: 60 });
    await clock.advance(3000);
    engine.script('192.168.1.1', silent);
    await clock.advance(30_000);
    expect(states('gateway').at(-1)).toBe('down');
    expect(probing.every(({ isolated }) => !isolated)).toBe(true);
  });

  it('remember the gateway when the cable takes its route along', async () => {
    let gateways = ['192.168.1.1'];
    const { clock, engine, say, states, probing } = await world({}, { gateways: () => Promise.resolve(gateways) });
    await say('printer', ['192.168.1.20'], { interval_s: 5 });
    await clock.advance(3000);
    gateways = [];
    engine.otherwise(silent);
    await clock.advance(30_000);
    expect(probing.at(-1)).toMatchObject({ isolated: true, anchors: [{ address: '192.168.1.1', state: 'down' }] });
    expect(states('printer')).not.toContain('down');
  });

  it('are looked at, and said, often enough to tell that this service probes, also without any device', async () => {
    const { clock, probing } = await world();
    for (let round = 0; round < 6; round += 1) {
      probing.length = 0;
      await clock.advance(10_000);
      expect(probing.length).toBeGreaterThanOrEqual(1);
      const { at, last_probe_at } = probing.at(-1)!;
      expect(Date.parse(at) - Date.parse(last_probe_at!)).toBeLessThanOrEqual(10_000);
    }
  });
});

describe('without any anchor', () => {
  const DEVICES = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];

  /** No configured anchor, and no default route: what is on loopback answers. */
  async function routes(script: typeof silent, interval_s = 60) {
    const made = await world();
    made.engine.otherwise(script);
    made.engine.script('127.0.0.1', answering(1));
    for (const address of DEVICES) await made.say(address, [address], { interval_s });
    return made;
  }

  it('a monitor that starts without any route is isolated, and calls no device down', async () => {
    const { clock, engine, probing, states, heard } = await routes(unrouted);
    await clock.advance(10_000);
    expect(probing.at(-1)).toMatchObject({ isolated: true, anchors: [] });
    expect(heard(DEVICES[0]!).at(-1)?.reason).toBe('there is no route to anybody: this monitor may be cut off');
    await clock.advance(180_000);
    for (const device of DEVICES) expect(states(device)).not.toContain('down');
    engine.otherwise(answering(1));
    await clock.advance(10_000);
    expect(probing.at(-1)).toMatchObject({ isolated: false });
    await clock.advance(60_000);
    for (const device of DEVICES) expect(states(device).at(-1)).toBe('up');
  });

  it('a monitor that loses all routes is isolated, and calls no device down', async () => {
    for (const delay_ms of [0, 300, 900, 1_700, 2_500, 4_990]) {
      const { clock, engine, probing, states } = await routes(answering(1), 7);
      await clock.advance(10_000 + delay_ms);
      engine.otherwise(unrouted);
      await clock.advance(30_000);
      expect(probing.at(-1)).toMatchObject({ isolated: true });
      for (const device of DEVICES) expect(states(device), String(delay_ms)).not.toContain('down');
    }
  });

  it('a device of a mesh whose route is withdrawn is down within seconds, while others have one', async () => {
    for (const delay_ms of [0, 300, 900, 1_700, 2_500, 4_990]) {
      const { clock, engine, probing, heard, states } = await routes(answering(1));
      await clock.advance(70_000 + delay_ms);
      heard(DEVICES[0]!);
      engine.script(DEVICES[0]!, unrouted);
      await clock.advance(65_000);
      expect(states(DEVICES[0]!).at(-1)).toBe('down');
      for (const device of DEVICES.slice(1)) expect(states(device)).not.toContain('down');
      expect(probing.every(({ isolated }) => !isolated)).toBe(true);
    }
  });

  it('several devices of a mesh whose routes are withdrawn at once are down within an interval and seconds', async () => {
    const { clock, engine, probing, states } = await routes(answering(1), 10);
    await clock.advance(30_000);
    for (const device of DEVICES.slice(1)) engine.script(device, unrouted);
    await clock.advance(15_000);
    expect(DEVICES.map((device) => states(device).at(-1))).toEqual(['up', 'down', 'down', 'down']);
    expect(probing.every(({ isolated }) => !isolated)).toBe(true);
  });

  it('a device to which requests can be sent is down when it does not answer, whatever else has no route', async () => {
    const { clock, engine, probing, states } = await routes(unrouted, 10);
    engine.script(DEVICES[0]!, silent);
    await clock.advance(60_000);
    for (const device of DEVICES) expect(states(device).at(-1)).toBe('down');
    expect(probing.at(-1)).toMatchObject({ isolated: false });
  });
});
