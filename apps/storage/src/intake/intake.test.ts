import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import type { Alert, PingObservation, Verdict } from '@guaita/model';
import { Health, systemClock } from '@guaita/service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KindName } from '../kinds/kinds.ts';
import { JournalFull } from '../journal/journal.ts';
import { Intake, type Scope } from './intake.ts';
import { Rows } from './rows.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:01:00.000Z';

let broker: MemoryBroker;
let speaker: Wire;
/** Each row kept: its kind, monitor and device, time. */
let kept: string[];
let gathered: string[];
let full: Error | undefined;
let health: Health;
let invalid: string[];
let refusals: number;
const running: Started[] = [];

interface Started {
  stop(): Promise<void>;
  kill(): void;
}

/** An intake on the broker, as a process of this monitor has it. */
async function start(scope: Scope = 'site', monitor = 'one'): Promise<Started> {
  const buses: MemoryBus[] = [];
  const makeBus = (clientId: string, kept_s?: number): MemoryBus => {
    const bus = new MemoryBus(broker, { clientId, session: kept_s === undefined ? 'clean' : { kept_s } });
    buses.push(bus);
    return bus;
  };
  const wire = new Wire(makeBus(`${monitor}-main`), (error) => invalid.push(error.topic));
  await wire.bus.start();
  const rows = new Rows({
    keeper: {
      gather(kind: KindName, some) {
        if (full !== undefined) throw full;
        for (const row of some) {
          const [monitor, device, at] = kind === 'alert' ? [row[0], row[2], row[3]] : row;
          gathered.push(`${kind} ${monitor} ${device} ${new Date(Number(at)).toISOString()}`);
        }
      },
      flush: () => kept.push(...gathered.splice(0)),
    },
    ...{ monitor, now_ms: () => Date.parse(LATER) },
    kept: () => {},
  });
  const intake = new Intake({
    context: {
      ...{ wire, monitor, health, clock: systemClock },
      connect: ({ purpose, kept_s }) => makeBus(`${monitor}-${purpose}`, kept_s),
    },
    ...{ scope, rows, refused: () => (refusals += 1) },
  });
  await intake.start(new AbortController().signal);
  const started = {
    async stop() {
      await intake.stop();
      await wire.bus.stop();
    },
    kill: () => buses.forEach((bus) => bus.kill()),
  };
  running.push(started);
  return started;
}

function ping(monitor: string, device: string, at = AT): void {
  const rtts = { rtt_min_ms: 1, rtt_avg_ms: 1, rtt_max_ms: 1, jitter_ms: 0 };
  const counts = { sent: 3, received: 3, loss_percent: 0 };
  const seen: PingObservation = { at, state: 'up', address: '10.0.0.1', ...counts, ...rtts };
  speaker.say(channels.ping, { monitor, device }, seen, 60);
}

function state(device: string, verdict: Partial<Verdict> = {}): void {
  const said: Verdict = { state: 'up', since: AT, reason: 'all see it', episode: 0, seen_by: [], ...verdict };
  speaker.say(channels.state, { device }, said);
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

beforeEach(async () => {
  broker = new MemoryBroker();
  kept = [];
  gathered = [];
  full = undefined;
  health = new Health();
  invalid = [];
  refusals = 0;
  speaker = new Wire(new MemoryBus(broker), () => {});
  await speaker.bus.start();
});

afterEach(async () => {
  full = undefined;
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await speaker.bus.stop();
});

describe('the intake', () => {
  test('keeps what all monitors see, verdicts and alerts; what is taken away is no row', async () => {
    await start();
    ping('one', 'router');
    ping('two', 'router');
    state('router');
    const alert: Alert = {
      ...{ id: '00000000000000a1', kind: 'down', severity: 'critical', subject: 'router', name: 'Router', tags: [] },
      ...{ episode: 1, since: AT, at: AT, text: 'Router is down', seen_by: [], resolves: false },
    };
    speaker.say(channels.alert, { severity: 'critical', subject: 'router' }, alert);
    speaker.clear(channels.ping, { monitor: 'two', device: 'router' });
    speaker.clear(channels.state, { device: 'gone' });
    await settle();
    expect(kept.sort()).toEqual([
      `alert one router ${AT}`,
      `ping one router ${AT}`,
      `ping two router ${AT}`,
      `verdict one router ${AT}`,
    ]);
    expect([...health.parts]).toEqual([
      ['observations-site', { ok: true, detail: '' }],
      ['events', { ok: true, detail: '' }],
    ]);
  });

  test('of its own scope keeps only what its monitor sees, beside verdicts and alerts', async () => {
    await start('own');
    for (const monitor of ['one', 'two']) ping(monitor, 'router');
    state('router');
    await settle();
    expect(kept.sort()).toEqual([`ping one router ${AT}`, `verdict one router ${AT}`]);
  });

  test('keeps a change of state, not each time that it is said again', async () => {
    await start();
    state('router');
    state('router', { reason: 'one more sees it' });
    state('router', { state: 'down', since: LATER });
    await settle();
    expect(kept).toEqual([`verdict one router ${AT}`, `verdict one router ${LATER}`]);
  });

  test('killed and started again it has what came meanwhile, and not again what is retained', async () => {
    const killed = await start();
    ping('one', 'router');
    await settle();
    killed.kill();
    ping('one', 'router', LATER);
    await settle();
    await start();
    await settle();
    expect(kept).toEqual([`ping one router ${AT}`, `ping one router ${LATER}`]);
  });

  test('where the broker kept no session it takes the newest that is retained', async () => {
    for (const at of [AT, LATER]) ping('one', 'router', at);
    await speaker.bus.flushed();
    await start();
    await settle();
    expect(kept).toEqual([`ping one router ${LATER}`]);
  });

  test('two on one broker each keep everything', async () => {
    const one = await start('site', 'one');
    const two = await start('site', 'two');
    for (const each of [one, two]) each.kill();
    ping('one', 'router');
    await settle();
    await start('site', 'one');
    await start('site', 'two');
    await settle();
    expect(kept).toEqual([`ping one router ${AT}`, `ping one router ${AT}`]);
  });

  test('what the disk does not take is not acknowledged, comes again, and health tells of it', async () => {
    await start();
    full = new JournalFull('the journal cannot be written; free some space');
    ping('one', 'router');
    state('router');
    await settle();
    expect(health.parts.get('intake')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/free some space.*waits at the broker/),
    });
    expect(kept).toEqual([]);
    ping('one', 'router', LATER);
    full = undefined;
    await eventually(() => expect(kept).toHaveLength(3));
    await settle();
    expect(kept.sort()).toEqual([`ping one router ${AT}`, `ping one router ${LATER}`, `verdict one router ${AT}`]);
    expect(health.ok).toBe(true);
    expect(refusals).toBeGreaterThanOrEqual(2);
  });

  test('a message that would fail each time is passed over, and does not hold up the others', async () => {
    await start();
    full = new TypeError('a fault');
    ping('one', 'router');
    await settle();
    full = undefined;
    ping('one', 'router', LATER);
    await settle();
    expect(kept).toEqual([`ping one router ${LATER}`]);
  });

  test('a message that breaks the contract is counted, and left out', async () => {
    await start();
    broker.publish({ topic: 'guaita/monitor/one/ping/router', payload: '{"at":"yesterday"}', qos: 1, retain: false });
    broker.publish({ topic: 'guaita/monitor/one/ping/Router', payload: '{}', qos: 1, retain: false });
    ping('one', 'router');
    await settle();
    expect(invalid).toEqual(['guaita/monitor/one/ping/router', 'guaita/monitor/one/ping/Router']);
    expect(kept).toEqual([`ping one router ${AT}`]);
  });

  test('starts also while the disk takes nothing, and stops', async () => {
    const first = await start();
    first.kill();
    ping('one', 'router');
    await settle();
    full = new JournalFull('the journal cannot be written; free some space');
    await (await start()).stop();
    expect(kept).toEqual([]);
  });
});
