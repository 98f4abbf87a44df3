import { rankedFor } from '@guaita/assignment';
import { MemoryBus, Wire } from '@guaita/bus';
import { startSerfAgent, type SerfAgent } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { SerfClient } from '@guaita/serf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Audience } from '../audience.testdata.ts';
import { Outside } from './outside.testdata.ts';

const MONITORS = ['a', 'b', 'c'];
const WELL = { a: 'answering', b: 'answering', c: 'answering' } as const;
const DOWN = { a: 'down', b: 'down', c: 'down' } as const;

let audience: Audience;
let outside: Outside;
let wire: Wire;
beforeEach(async () => {
  audience = new Audience();
  await audience.start();
  outside = new Outside();
  await outside.start();
  const bus = new MemoryBus(audience.broker, { clientId: 'test' });
  await bus.start();
  wire = new Wire(bus, (error) => {
    throw error;
  });
});
afterEach(async () => {
  await audience.stop();
  await wire.bus.stop();
  await outside.stop();
});

/** Three monitors, each with an alert service that is heard. */
function together(): void {
  for (const monitor of MONITORS) {
    audience.monitor(monitor);
    lives(monitor);
  }
}

/** A monitor's alert service runs, as its connection says. */
function lives(monitor: string, isOnline = true): void {
  const at = new Date(audience.clock.now_ms()).toISOString();
  wire.say(channels.service, { monitor, service: 'alert' }, { state: isOnline ? 'online' : 'offline', at });
}

/** Monitors say that they live, as they do each second. */
function beat(...monitors: readonly string[]): void {
  for (const monitor of monitors) {
    wire.say(
      channels.status,
      { monitor },
      {
        ...{ state: 'online', host_key: '0'.repeat(32), incarnation: 1, session: 1, beat: 1, site: 'home', tags: [] },
        ...{ capacity: 1, policy: { monitors_per_device: 1, snmp_per_device: 1, mode: 'spread' } },
        ...{ probe_age_s: null, probing: true, isolated: false, seen: {}, intents: '0'.repeat(16) },
        claims: { version: 0, count: 0, digest: '0'.repeat(16) },
      },
    );
  }
}

const hook = (change: object = {}) => ({
  notify: { hook: { type: 'webhook', url: outside.url('/s3cret'), ...change } },
});
const keys = (): string[] => outside.received.map(({ headers }) => headers['idempotency-key'] as string);
const kept = (level: string): string[] =>
  [...audience.broker.retained].flatMap(([topic, text]) => (topic.includes(`/${level}/`) ? [`${topic} ${text}`] : []));

/** What is kept is written on disk before it is said, and what arrives outside does so in its own time. */
async function told(count: number): Promise<void> {
  await eventually(async () => {
    await audience.pass(0.05);
    expect(outside.received).toHaveLength(count);
  });
  await audience.pass(0.05);
}

describe('the alert services of a site', { timeout: 60_000 }, () => {
  it('tell a receiver once that a device is down and once that it is back, whoever speaks', async () => {
    together();
    audience.device('router', WELL);
    for (const monitor of MONITORS) await audience.service(monitor, monitor === 'a', hook());
    beat(...MONITORS);
    await audience.pass(30);
    audience.device('router', DOWN);
    await audience.pass(1);
    await told(1);
    const [id] = audience.open;
    const [first] = rankedFor('router', MONITORS);
    expect(outside.bodies[0]).toMatchObject({
      key: `${id}-begin`,
      event: 'begin',
      monitor: first,
      kind: 'down',
      subject: 'router',
    });
    expect(kept('sent')).toHaveLength(1);
    expect(kept('sent')[0]).toContain(`guaita/monitor/${first}/sent/${id} `);
    await audience.pass(60);
    audience.device('router', WELL);
    await audience.pass(15);
    await told(2);
    await audience.pass(60);
    expect(keys()).toEqual([`${id}-begin`, `${id}-end`]);
    expect(outside.bodies[1]).toMatchObject({ resolves: true, text: expect.stringContaining('is up again') as string });
  });

  it('tell it by another when the first in rank is gone, and nothing twice when they are restarted', async () => {
    together();
    audience.device('router', WELL);
    const [first, second] = rankedFor('router', MONITORS) as [string, string];
    const services = new Map<string, Awaited<ReturnType<Audience['service']>>>();
    for (const monitor of MONITORS) services.set(monitor, await audience.service(monitor, monitor === second, hook()));
    beat(...MONITORS);
    await audience.pass(30);
    await services.get(first)?.stop();
    lives(first, false);
    audience.device('router', DOWN);
    await audience.pass(1);
    await told(1);
    expect(outside.bodies[0]).toMatchObject({ monitor: second });
    lives(first);
    await audience.service(first, false, hook());
    await audience.pass(120);
    expect(keys()).toHaveLength(1);
  });

  it('do not tell it before a restarted one has heard the others, whose word that it was told may be on its way', async () => {
    together();
    audience.device('router', WELL);
    const [first, second] = rankedFor('router', MONITORS) as [string, string];
    for (const monitor of MONITORS) if (monitor !== first) await audience.service(monitor, monitor === second, hook());
    lives(first, false);
    beat(...MONITORS);
    await audience.pass(30);
    audience.device('router', DOWN);
    await audience.pass(1);
    await told(1);
    const [sent = ''] = kept('sent');
    const [topic = '', payload = ''] = [sent.slice(0, sent.indexOf(' ')), sent.slice(sent.indexOf(' ') + 1)];
    // It has yet to reach the broker of the one that starts now.
    audience.broker.publish({ topic, payload: '', qos: 1, retain: true });
    lives(first);
    await audience.service(first, false, hook());
    await audience.pass(30);
    beat(...MONITORS);
    await audience.pass(9);
    audience.broker.publish({ topic, payload, qos: 1, retain: true });
    await audience.pass(120);
    expect(keys()).toHaveLength(1);
  });

  it('do not wait for one that does not have the receiver', async () => {
    together();
    audience.device('router', WELL);
    const [first, second] = rankedFor('router', MONITORS) as [string, string];
    for (const monitor of MONITORS) {
      await audience.service(monitor, monitor === second, monitor === first ? {} : hook());
    }
    beat(...MONITORS);
    await audience.pass(30);
    audience.device('router', DOWN);
    await audience.pass(1);
    await told(1);
    expect(outside.bodies[0]).toMatchObject({ monitor: second });
    await audience.pass(60);
    expect(keys()).toHaveLength(1);
  });

  it('tell what could not be sent, by the receiver’s name, and nowhere where it would have gone', async () => {
    audience.monitor('a');
    outside.answer = (response) => void response.writeHead(403).end('no: /s3cret');
    audience.device('router', { a: 'down' });
    const { health, count } = await audience.service('a', true, hook());
    await audience.pass(30);
    await told(1);
    await audience.pass(1);
    const unsent = kept('unsent');
    expect(unsent).toHaveLength(1);
    expect(unsent[0]).toContain('"hook":{"event":"begin"');
    expect(unsent[0]).toContain('it answered 403 Forbidden');
    const all = [...audience.broker.retained.values(), JSON.stringify([...health.parts])].join();
    expect(all).not.toContain('s3cret');
    expect(all).not.toContain(outside.url(''));
    expect(health.ok).toBe(true);
    expect(health.parts.get('receiver hook')?.detail).toContain('guaita notify test hook');
    expect(await count('guaita_alert_notifications_unsent_total')).toBe(1);
  });

  it('try again when a receiver was away, and say that it is well again', async () => {
    audience.monitor('a');
    outside.answer = (response) => void response.writeHead(outside.received.length === 1 ? 500 : 200).end();
    audience.device('router', { a: 'down' });
    const { health, count } = await audience.service('a', true, hook());
    await audience.pass(30);
    await told(2);
    await audience.pass(60);
    expect(new Set(keys()).size).toBe(1);
    expect(keys()).toHaveLength(2);
    expect(health.parts.get('receiver hook')).toEqual({ ok: true, detail: '' });
    expect(await count('guaita_alert_notifications_sent_total')).toBe(1);
    expect(await count('guaita_alert_notifications_failed_total')).toBe(1);
  });

  it('tell an end in the words in which it was said also where all are restarted before it could be told', async () => {
    together();
    audience.device('router', WELL);
    const services = [];
    for (const monitor of MONITORS) services.push(await audience.service(monitor, monitor === 'a', hook()));
    beat(...MONITORS);
    await audience.pass(30);
    audience.device('router', DOWN);
    await audience.pass(1);
    await told(1);
    outside.answer = (response) => void response.writeHead(503).end();
    audience.device('router', WELL);
    await audience.pass(15);
    for (const { kill } of services) await kill();
    outside.received.length = 0;
    outside.answer = (response) => void response.end();
    for (const monitor of MONITORS) await audience.service(monitor, monitor === 'a', hook());
    beat(...MONITORS);
    await audience.pass(30);
    await told(1);
    expect(outside.bodies[0]).toMatchObject({ event: 'end', text: expect.stringContaining('is up again') as string });
  });

  it('say what arrived just before they stopped', async () => {
    audience.monitor('a');
    let answer = (): void => undefined;
    outside.answer = (response) => (answer = () => void response.end());
    audience.device('router', { a: 'down' });
    const { stop } = await audience.service('a', true, hook());
    await audience.pass(30);
    await told(1);
    expect(kept('sent')).toEqual([]);
    const stopped = stop();
    answer();
    await stopped;
    expect(kept('sent')).toHaveLength(1);
  });

  it('send nothing while their broker is away', async () => {
    audience.monitor('a');
    audience.device('router', { a: 'answering' });
    await audience.service('a', true, hook({ after_s: 60 }));
    await audience.pass(15);
    audience.device('router', { a: 'down' });
    await audience.pass(30);
    audience.broker.bar('a-alert');
    await audience.pass(120);
    expect(keys()).toEqual([]);
    audience.broker.admit('a-alert');
    await audience.pass(30);
    await told(1);
  });
});

describe('the heartbeat', { timeout: 60_000 }, () => {
  const heartbeat = () => ({ heartbeat: { url: outside.url('/ping'), every_s: 60 } });
  const serves = (monitor: string, service: string, isOnline = true): void => {
    const at = new Date(audience.clock.now_ms()).toISOString();
    wire.say(channels.service, { monitor, service }, { state: isOnline ? 'online' : 'offline', at });
  };
  const probes = (monitor: string, isolated = false): void => {
    const at = new Date(audience.clock.now_ms()).toISOString();
    wire.say(channels.probing, { monitor }, { at, isolated, anchors: [], last_probe_at: at, devices: 1 });
  };
  /** A monitor's other services run, too. */
  const well = (monitor: string): void => {
    audience.monitor(monitor);
    for (const service of ['alert', 'assign', 'ping']) serves(monitor, service);
  };
  /** Time passes while the ping services of monitors say that they probe. */
  const pass = async (seconds: number, monitors: readonly string[] = MONITORS): Promise<void> => {
    for (let left_s = seconds; left_s > 0; left_s -= 5) {
      for (const monitor of monitors) probes(monitor);
      await audience.pass(5);
    }
  };
  /** How many calls arrive while so much time passes. */
  const calls = async (seconds: number, monitors: readonly string[] = MONITORS): Promise<number> => {
    const before = outside.received.length;
    await pass(seconds, monitors);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return outside.received.length - before;
  };

  it('is called by one of the monitors that are well, and by another when that one is gone', async () => {
    for (const monitor of MONITORS) well(monitor);
    const services = [];
    for (const monitor of MONITORS) services.push(await audience.service(monitor, monitor === 'a', heartbeat()));
    await pass(60);
    expect(await calls(180)).toBe(3);
    const [first = ''] = rankedFor('heartbeat', MONITORS);
    await services[MONITORS.indexOf(first)]?.stop();
    serves(first, 'alert', false);
    expect(await calls(120)).toBe(2);
    expect(outside.received.every(({ method, path }) => method === 'GET' && path === '/ping')).toBe(true);
  });

  it('is called by another while the first one does not ping, and by nobody while none does', async () => {
    for (const monitor of MONITORS) well(monitor);
    for (const monitor of MONITORS) await audience.service(monitor, monitor === 'a', heartbeat());
    await pass(60);
    const [first = ''] = rankedFor('heartbeat', MONITORS);
    serves(first, 'ping', false);
    expect(await calls(180)).toBe(3);
    for (const monitor of MONITORS) serves(monitor, 'ping', false);
    expect(await calls(180)).toBe(0);
  });

  const amiss: [string, () => void, RegExp][] = [
    ['its ping service is not running', () => serves('a', 'ping', false), /not running: ping$/],
    ['its assign service is not running', () => serves('a', 'assign', false), /not running: assign$/],
    ['it is isolated', () => audience.monitor('a', { isolated: true }), /isolated$/],
    ['assign hears no ping service', () => audience.monitor('a', { probing: false }), /does not probe$/],
    ['assign takes it for dead', () => audience.monitor('a', { alive: false }), /does not say that it lives$/],
  ];
  it.each(amiss)('stays away from a single monitor while %s, which then says why', async (_, fail, why) => {
    well('a');
    const { health } = await audience.service('a', true, heartbeat());
    await pass(60);
    expect(await calls(120)).toBe(2);
    fail();
    expect(await calls(180)).toBe(0);
    expect(health.parts.get('heartbeat')).toEqual({ ok: true, detail: expect.stringMatching(why) as string });
    well('a');
    expect(await calls(120)).toBe(2);
    expect(health.parts.get('heartbeat')?.detail).toBe('');
  });

  it('stays away where the ping service says nothing, or that no anchor answers, though assign does not know yet', async () => {
    well('a');
    const { health } = await audience.service('a', true, heartbeat());
    await pass(60);
    expect(await calls(180, [])).toBe(0);
    expect(health.parts.get('heartbeat')?.detail).toMatch(/has not said for 15 s that it probes$/);
    expect(await calls(120)).toBe(2);
    probes('a', true);
    await audience.pass(60);
    expect(health.parts.get('heartbeat')?.detail).toMatch(/isolated$/);
  });

  it('falls silent while the broker is away', async () => {
    well('a');
    await audience.service('a', true, heartbeat());
    audience.broker.bar('a-alert');
    await pass(10);
    expect(await calls(180)).toBe(0);
    audience.broker.admit('a-alert');
    await pass(70);
    await eventually(() => expect(outside.received.length).toBeGreaterThan(0));
  });
});

describe('the members of a Serf cluster', { timeout: 240_000 }, () => {
  const KEY = 'planted-key-of-the-agents';
  const agents = new Map<string, SerfAgent>();
  const clients: SerfClient[] = [];
  let events: string[];

  function client(monitor: string): SerfClient {
    const made = new SerfClient({ address: agents.get(monitor)?.rpc ?? '', authKey: KEY });
    made.start();
    clients.push(made);
    return made;
  }

  /** Real agents, one at each monitor; what members are told is heard at one of them. */
  async function cluster(hearsAt: string): Promise<void> {
    for (const name of MONITORS) agents.set(name, await startSerfAgent({ name, authKey: KEY }));
    const hearing = client(hearsAt);
    await hearing.join([...agents.values()].map(({ gossip }) => gossip));
    await eventually(async () => expect(await hearing.members()).toHaveLength(MONITORS.length));
    events = [];
    await new Promise<void>((opened, refused) => {
      hearing.stream('user', {
        ...{ opened, refused },
        event: (event) => {
          if (event.kind === 'user') events.push(`${event.name} ${Buffer.from(event.payload).toString()}`);
        },
      });
    });
  }

  afterEach(async () => {
    for (const each of clients.splice(0)) await each.stop();
    for (const agent of agents.values()) await agent.stop();
    agents.clear();
  });

  async function heard(count: number): Promise<Record<string, unknown>[]> {
    await eventually(async () => {
      await audience.pass(0.2);
      expect(events).toHaveLength(count);
    });
    return events.map((event) => JSON.parse(event.replace('guaita/alert ', '')) as Record<string, unknown>);
  }

  it('are told of an alert once and of its end once, by the next in rank when the agent of the first is gone', async () => {
    const [first, second, third] = rankedFor('router', MONITORS) as [string, string, string];
    await cluster(third);
    together();
    audience.device('router', WELL);
    for (const monitor of MONITORS) {
      const serf = { type: 'serf', agent: agents.get(monitor)?.rpc, key: KEY, severities: ['critical'] };
      await audience.service(monitor, monitor === 'a', { notify: { neighbours: serf } });
    }
    beat(...MONITORS);
    await audience.pass(30);
    audience.device('router', DOWN);
    const [begin] = await heard(1);
    const [id] = audience.open;
    expect(begin).toEqual({
      ...{ id, severity: 'critical', kind: 'down', subject: 'router', resolves: false, key: `${id}-begin` },
      ...{ at: expect.any(String) as string, text: expect.stringContaining('router') as string },
    });
    await eventually(() => expect(kept('sent')[0]).toContain(`guaita/monitor/${first}/sent/${id} `));

    await agents.get(first)?.kill();
    await audience.pass(60);
    audience.device('router', WELL);
    const [, end] = await heard(2);
    expect(end).toMatchObject({ id, resolves: true, key: `${id}-end` });
    await audience.pass(60);
    expect(kept('sent').join()).toContain(`guaita/monitor/${second}/sent/${id} `);
    expect(events).toHaveLength(2);
    expect(events.join()).not.toContain(KEY);
  });
});
