import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryBus, type MemoryBroker } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Reply } from '@guaita/messages';
import type { ManualClock } from '@guaita/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryHost, startMonitor, type Monitor, type Settings } from './monitor.testdata.ts';

let folder: string;
let file: string;
let broker: MemoryBroker;
let clock: ManualClock;
let host: Awaited<ReturnType<typeof memoryHost>>;
let releases: (() => Promise<void>)[];
let monitors: Monitor[];

beforeEach(async () => {
  host = await memoryHost();
  ({ folder, broker, clock } = host);
  file = join(folder, 'devices.yaml');
  const line = (n: number): string => `  - { name: d${n}, address: 192.0.2.${n + 1}, snmp: home }\n`;
  await writeFile(file, `devices:\n${Array.from({ length: 20 }, (_, n) => line(n)).join('')}`);
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  releases = [];
  monitors = [];
});

afterEach(async () => {
  for (const release of releases.reverse()) await release();
  await rm(folder, { recursive: true });
});

/** One of the monitors that share the broker. The first speaks, and has the inventory. */
async function start(id: string, settings: Settings = {}): Promise<Monitor> {
  const first = id === 'm1';
  const assign = { devices: first ? file : join(folder, 'none.yaml'), policy: { monitors_per_device: 2 } };
  const monitor = await startMonitor(id, host, { speaks: () => first, ...settings, assign });
  monitors.push(monitor);
  releases.push(monitor.stop);
  return monitor;
}

/** Waits while the clock goes on and the ping services say that they probe. */
const until = (assertion: () => void): Promise<void> =>
  eventually(async () => {
    await clock.advance(200);
    for (const { sayProbing, bus } of monitors) if (bus.connected) sayProbing();
    assertion();
  });

const assigned = (monitor: string): string[] =>
  [...broker.retained.keys()].filter((topic) => topic.startsWith(`guaita/host/${monitor}/assigned/`));

interface Spec {
  readonly monitors: string[];
  readonly planned: string[];
  readonly leaving: string[];
}

function specs(): Spec[] {
  const found = [...broker.retained].filter(([topic]) => /^guaita\/device\/[^/]+\/spec$/.test(topic));
  return found.map(([, text]) => JSON.parse(text) as Spec);
}

function settled(): void {
  expect(specs()).toHaveLength(20);
  for (const { monitors, leaving } of specs()) expect([monitors.length, leaving.length]).toEqual([2, 0]);
}

/** Gives a command as an operator does. @returns the answer, or nothing where none comes. */
async function command(
  topic: string,
  payload: unknown,
  responseTopic = 'guaita/reply/ada/1',
): Promise<Reply | undefined> {
  const bus = new MemoryBus(broker);
  await bus.start();
  let answer: Reply | undefined;
  await bus.subscribe(responseTopic, (message) => {
    expect(Buffer.from(message.correlationData ?? []).toString()).toBe('7');
    answer = channels.reply.decode(responseTopic, message.payload);
  });
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const asked = { topic: `guaita/command/${topic}`, payload: text, qos: 1, retain: false, responseTopic } as const;
  bus.publish({ ...asked, correlationData: Buffer.from('7') });
  await until(() => expect(answer).toBeDefined()).catch(() => undefined);
  await bus.stop();
  return answer;
}

describe('monitors that decide together', () => {
  it('share the devices of one’s inventory, and poll each by SNMP once', async () => {
    for (const id of ['m1', 'm2', 'm3']) await start(id);
    await until(settled);
    const polls = (monitor: string): number =>
      assigned(monitor).filter((topic) => broker.retained.get(topic)?.includes('"snmp"')).length;
    await until(() => {
      expect(assigned('m1').length + assigned('m2').length + assigned('m3').length).toBe(40);
      expect(polls('m1') + polls('m2') + polls('m3')).toBe(20);
    });
  });

  it('take over what one watched that ends, and give it a share again', async () => {
    await start('m1');
    await start('m2');
    const third = await start('m3');
    // Two alone are settled as well, before they have heard of the third.
    await until(() => {
      settled();
      expect(assigned('m3').length).toBeGreaterThan(0);
    });
    await third.stop();
    monitors.pop();
    await until(() => {
      settled();
      expect(specs().some(({ monitors }) => monitors.includes('m3'))).toBe(false);
    });
    await start('m3');
    await until(() => {
      settled();
      expect(specs().some(({ monitors }) => monitors.includes('m3'))).toBe(true);
    });
  });

  it('keep what operators entered over a restart, with no inventory file in reach', async () => {
    const first = await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(20));
    await command('devices/add', { devices: [{ device: 'by-hand', addresses: ['192.0.2.99'] }] });
    await first.stop();
    monitors.pop();
    await rm(file);
    await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(21));
  });

  it('tell the episode of an outage that was seen before a restart of this service alone', async () => {
    const { wire, stop } = await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(20));
    const rtts = { rtt_min_ms: null, rtt_avg_ms: null, rtt_max_ms: null, jitter_ms: null };
    const at = new Date(clock.now_ms()).toISOString();
    const down = { at, address: '192.0.2.1', sent: 3, received: 0, loss_percent: 100, ...rtts, state: 'down' } as const;
    wire.say(channels.ping, { monitor: 'm1', device: 'd0' }, down, 60);
    const claim = (): unknown => {
      const buckets = [...broker.retained].filter(([topic]) => topic.startsWith('guaita/monitor/m1/claims/'));
      return Object.assign({}, ...buckets.map(([, text]) => (JSON.parse(text) as { claims: object }).claims)).d0;
    };
    await until(() => expect(claim()).toMatchObject({ sees: 'down', episode: 1 }));
    await stop();
    monitors.pop();
    await start('m1');
    await until(() => expect(claim()).toMatchObject({ state: 'held', sees: 'down' }));
  });
});

describe('a monitor that is gone', () => {
  /** m2 has an inventory of its own, and stops in good order; then m1 is started anew. */
  async function gone(): Promise<void> {
    const own = join(folder, 'own.yaml');
    await writeFile(own, 'devices: [{ name: own, address: 192.0.2.90 }, { name: d0, address: 192.0.2.1 }]\n');
    const first = await start('m1');
    const second = await startMonitor('m2', host, { speaks: () => false, assign: { devices: own } });
    monitors.push(second);
    await until(() => expect(assigned('m1')).toHaveLength(21));
    await second.stop();
    await first.stop();
    monitors.length = 0;
    await start('m1');
  }

  /** As somebody does who is told that the monitor has just started. */
  async function forget(payload: unknown): Promise<Reply | undefined> {
    for (;;) {
      const reply = await command('monitors/forget', payload);
      if (reply?.ok !== false || !reply.problem.includes('say it again in a moment')) return reply;
    }
  }

  it('in good order, before who speaks was started, can be forgotten, with the devices that it alone feeds', async () => {
    await gone();
    const status = 'guaita/monitor/m2/status';
    expect(broker.retained.get(status)).toContain('offline');
    const problem =
      '1 device stands in the inventory files of "m2" alone, and would go with it: put its files at another monitor ' +
      'first, or, to lose them, say it with --with-devices ("with_devices": true)';
    expect(await forget({ monitor: 'm2' })).toEqual({ ok: false, monitor: 'm1', problem });
    expect(assigned('m1')).toHaveLength(21);
    const reply = await forget({ monitor: 'm2', with_devices: true });
    expect(reply).toEqual({ ok: true, monitor: 'm1', devices_gone: 1 });
    await until(() => expect(assigned('m1')).toHaveLength(20));
    await until(() => expect([...broker.retained.keys()]).not.toContain(status));
  });

  it('can be forgotten where nothing is known of it but what its files feed', async () => {
    await gone();
    for (const topic of [...broker.retained.keys()].filter((each) => each.startsWith('guaita/monitor/m2/')))
      broker.publish({ topic, payload: '', qos: 1, retain: true });
    for (const { stop } of monitors.splice(0)) await stop();
    await start('m1');
    const early = await command('monitors/forget', { monitor: 'm2', with_devices: true });
    expect(early).toMatchObject({ ok: false, problem: expect.stringContaining('has just started') as string });
    const reply = await forget({ monitor: 'm2', with_devices: true });
    expect(reply).toEqual({ ok: true, monitor: 'm1', devices_gone: 1 });
    await until(() => expect(assigned('m1')).toHaveLength(20));
  });

  it('is never what was entered by command', async () => {
    await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(20));
    await command('devices/add', { devices: [{ device: 'by-hand', addresses: ['192.0.2.99'] }] });
    const reply = await command('monitors/forget', { monitor: 'command', with_devices: true });
    expect(reply).toMatchObject({ ok: false, problem: expect.stringContaining('"command" is no monitor') as string });
  });
});

describe('commands', () => {
  it('are done, and answered with what was asked', async () => {
    await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(20));
    const device = { device: 'new', addresses: ['192.0.2.50'], parents: ['d0'], placement: { not_sites: ['attic'] } };
    expect(await command('devices/add', { devices: [device] })).toEqual({ ok: true, monitor: 'm1' });
    await until(() => expect(assigned('m1')).toHaveLength(21));
    expect(JSON.parse(broker.retained.get('guaita/device/new/spec') ?? '')).toMatchObject({
      ...{ name: 'new', parents: ['d0'], placement: { not_sites: ['attic'] }, source: 'command' },
      ...{ feeders: ['command'], checks: { ping: { interval_s: 60 } } },
    });
    expect(await command('devices/remove', { devices: ['new'] })).toEqual({ ok: true, monitor: 'm1' });
    await until(() => expect(assigned('m1')).toHaveLength(20));
    expect(await command('monitors/drain', { monitor: 'm1' })).toEqual({ ok: true, monitor: 'm1' });
    await until(() =>
      expect(JSON.parse(broker.retained.get('guaita/cluster/m1') ?? '')).toMatchObject({ draining: true }),
    );
  });

  it('silence and acknowledge alerts, which the audience is told of until that is over', async () => {
    const { wire } = await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(20));
    const kept = (topic: string): unknown => JSON.parse(broker.retained.get(`guaita/${topic}`) ?? 'null');
    const why = { by: 'ada', why: 'a new roof' };
    const silence = { silence: 'roof', tags: ['attic'], for_s: 60, ...why };
    expect(await command('silence/add', silence)).toEqual({ ok: true, monitor: 'm1', silence: 'roof' });
    await until(() => expect(kept('silence/roof')).toMatchObject({ tags: ['attic'], ...why }));
    const named = await command('silence/add', { devices: ['no'], for_s: 7_200, ...why });
    expect(named).toMatchObject({ ok: true, remarks: ['no device is called "no"'] });
    const other = named?.ok === true ? (named.silence ?? '') : '';
    await until(() => expect(kept(`silence/${other}`)).toMatchObject({ devices: ['no'] }));
    expect(await command('silence/remove', { silences: [other] })).toEqual({ ok: true, monitor: 'm1' });
    await until(() => expect(kept(`silence/${other}`)).toBeNull());
    const id = '0123456789abcdef';
    const at = new Date(clock.now_ms()).toISOString();
    const alert = { id, kind: 'down', severity: 'critical', subject: 'd0', name: 'd0', episode: 1 } as const;
    const open = { ...alert, tags: [], since: at, at, text: 'd0 is down', seen_by: [], resolves: false };
    wire.say(channels.openAlert, { alert: id }, open);
    await until(() => expect(kept(`alert-open/${id}`)).not.toBeNull());
    expect(await command('ack', { alert: id, ...why })).toEqual({ ok: true, monitor: 'm1' });
    await until(() => expect(kept(`ack/${id}`)).toMatchObject(why));
    await clock.advance(60_000);
    await until(() => expect(kept('silence/roof')).toBeNull());
    expect(await command('ack', { alert: id, acknowledge: false, ...why })).toEqual({ ok: true, monitor: 'm1' });
    await until(() => expect(kept(`ack/${id}`)).toBeNull());
  });

  it('tell of devices that no live monitor may watch as they are placed', async () => {
    await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(20));
    const device = { device: 'far', addresses: ['192.0.2.50'], placement: { only_sites: ['nowhere'] } };
    const remark =
      'no live monitor may watch "far" as placed: live ones are of site home; ' +
      'change the placement, or start a monitor that fits it';
    expect(await command('devices/add', { devices: [device] })).toEqual({ ok: true, monitor: 'm1', remarks: [remark] });
    const near = { ...device, placement: { only_sites: ['home'] } };
    expect(await command('devices/add', { devices: [near] })).toEqual({ ok: true, monitor: 'm1' });
  });

  it.each([
    ['devices/add', '{', /payload is not UTF-8 JSON/],
    ['devices/add', { devices: [{ device: 'A b', addresses: ['x'] }] }, /devices\.0\.device: must be an id.*asyncapi/],
    ['devices/add', { devices: [{ device: 'x', addresses: ['192.0.2'] }] }, /"192\.0\.2" is not an IP address/],
    ['devices/add', { devices: [1, 2].map(() => ({ device: 'x', addresses: ['x.lan'] })) }, /"x" is given twice/],
    ['devices/add', { devices: [{ device: 'x', addresses: ['x.lan'], parents: ['?'] }] }, /parents\.0: must be an id/],
    ['devices/add', { devices: [{ device: 'x', addresses: ['x.lan'], parents: ['no'] }] }, /parent "no" of device "x"/],
    ['devices/add', { devices: [{ device: 'x', addresses: ['x.lan'], parents: ['x'] }] }, /circle: x → x; take one/],
    ['devices/remove', { devices: ['d0'] }, /"d0" stands in the inventory files of "m1"; take it out there/],
    ['devices/remove', { devices: ['no'] }, /device "no" is not known/],
    ['probe', { devices: ['d0', 'no'] }, /device "no" is not known; look at "guaita status --json"/],
    ['silence/add', { devices: ['d0'], by: 'ada', why: 'x' }, /silence "[^"]+" has no end: give "until"/],
    ['silence/add', { devices: ['d0'], by: 'ada', why: '', for_s: 1 }, /why: Too small/],
    ['silence/remove', { silences: ['no'] }, /silence "no" is not known, or over; look at "guaita silence list"/],
    ['ack', { alert: '0123456789abcdef', by: 'ada', why: 'x' }, /"0123456789abcdef" is not open here/],
    ['ack', { alert: 'no', by: 'ada', why: 'x' }, /alert: must be 16 hexadecimal digits/],
    ['monitors/drain', { monitor: 'm9' }, /monitor "m9" is not known; known are m1/],
    ['monitors/forget', { monitor: 'm1' }, /monitor "m1" lives/],
  ])('to %s with %j are refused with the cause and the mend', async (topic, payload, problem) => {
    await start('m1');
    await until(() => expect(assigned('m1')).toHaveLength(20));
    const reply = await command(topic, payload);
    expect(reply).toEqual({ ok: false, monitor: 'm1', problem: expect.stringMatching(problem) as string });
    expect(assigned('m1')).toHaveLength(20);
  });

  it('are not said to be done when they cannot be kept', async () => {
    const { dataDir } = await start('m1');
    await until(() => expect(specs()).toHaveLength(20));
    await rm(join(dataDir, 'intents'), { recursive: true });
    await writeFile(join(dataDir, 'intents'), 'in the way');
    const add = { devices: [{ device: 'x', addresses: ['x.lan'] }] };
    const problem = expect.stringMatching(/not kept here: .*cannot be written to .*mend the disk/) as string;
    expect(await command('devices/add', add)).toEqual({ ok: false, monitor: 'm1', problem });
    await rm(join(dataDir, 'intents'));
    expect(await command('devices/add', add)).toEqual({ ok: true, monitor: 'm1' });
  });

  it('whose answer should go where it may not are not done, and the log says so', async () => {
    const { lines } = await start('m1');
    await until(() => expect(specs()).toHaveLength(20));
    for (const topic of ['guaita/host/m1/assigned/x', 'other/topic', 'guaita/reply/ada']) {
      const bus = new MemoryBus(broker);
      await bus.start();
      const payload = JSON.stringify({ devices: [{ device: 'x', addresses: ['x.lan'] }] });
      bus.publish({ topic: 'guaita/command/devices/add', payload, qos: 1, retain: false, responseTopic: topic });
      await bus.stop();
    }
    await until(() => expect(lines.filter((line) => line.includes('its response topic')).length).toBeGreaterThan(2));
    expect(specs()).toHaveLength(20);
    expect([...broker.retained.keys()]).not.toContain('guaita/host/m1/assigned/x');
  });

  it('are the business of who speaks on the broker, and of nobody else', async () => {
    await start('m1', { speaks: () => false });
    await until(() => expect(assigned('m1')).toHaveLength(20));
    expect(specs()).toEqual([]);
    const bus = new MemoryBus(broker);
    await bus.start();
    const payload = JSON.stringify({ devices: [{ device: 'x', addresses: ['x.lan'] }] });
    bus.publish({ topic: 'guaita/command/devices/add', payload, qos: 1, retain: false });
    await bus.stop();
    await clock.advance(2_000);
    expect(assigned('m1')).toHaveLength(20);
  });
});
