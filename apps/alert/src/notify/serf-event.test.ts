import { eventually } from '@guaita/lab/eventually';
import { SERF_ALERT_EVENT, SerfAlert } from '@guaita/messages';
import { eventRoom_bytes, SerfClient } from '@guaita/serf';
import { SerfDouble, type Fault } from '@guaita/serf/double';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SerfReceiver } from './config.ts';
import type { Notification } from './notification.ts';
import { payloadOf, sendEvent } from './serf-event.ts';
import { tryReceiver } from './trial.ts';
import { alertOf } from './world.testdata.ts';

const KEY = 'planted-key-of-the-agent';
const ROOM_bytes = eventRoom_bytes(SERF_ALERT_EVENT);
const REFUSED = /^Serf: .*Invalid authentication token$/;

function notification(change: object = {}): Notification {
  return { key: '0a-begin', event: 'begin', monitor: 'pi-1', alert: alertOf('0123456789abcdef', change) };
}

function read(payload: Uint8Array): SerfAlert {
  return SerfAlert.parse(JSON.parse(Buffer.from(payload).toString()));
}

describe('the payload of an event', () => {
  it('tells in few words what it is about', () => {
    const { id, severity, kind, subject, resolves, at } = alertOf('0123456789abcdef');
    const payload = payloadOf(notification(), 'Device x is down', ROOM_bytes);
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
      ...{ id, severity, kind, subject, resolves, at },
      ...{ key: '0a-begin', text: 'Device x is down' },
    });
  });

  it('has room whatever an alert is about, with as much text as there is room for', { timeout: 60_000 }, () => {
    const subject = 'x'.repeat(63);
    const longest = { kind: 'monitor-disk-full', severity: 'critical', subject } as const;
    const key = '0123456789abcdef-1000000-reminder-1000000';
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const payload = payloadOf({ ...notification(longest), key }, text, ROOM_bytes);
        expect(payload.length).toBeLessThanOrEqual(ROOM_bytes);
        const told = read(payload).text;
        const sound = text.toWellFormed();
        if (told === sound) return;
        expect(told.endsWith('…')).toBe(true);
        expect(sound.startsWith(told.slice(0, -1))).toBe(true);
        // A character takes twelve bytes at most: two escapes.
        expect(payload.length).toBeGreaterThan(ROOM_bytes - 12);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves characters whole', () => {
    for (let room_bytes = 230; room_bytes < 240; room_bytes += 1) {
      expect(read(payloadOf(notification(), '🛰'.repeat(200), room_bytes)).text).toMatch(/^(🛰)+…$/u);
    }
  });
});

describe('an agent', { timeout: 60_000 }, () => {
  let agent: SerfDouble;
  let listener: SerfClient;
  let events: { name: string; payload: Uint8Array; coalesce: boolean }[];
  const never = new AbortController().signal;
  const way = (change: object = {}): SerfReceiver =>
    SerfReceiver.parse({ type: 'serf', agent: agent.address, key: KEY, ...change });

  beforeEach(async () => {
    agent = new SerfDouble({ name: 'pi-1', authKey: KEY });
    await agent.start();
    events = [];
    listener = new SerfClient({ address: agent.address, authKey: KEY });
    listener.start();
    const opened = new Promise<void>((resolve, reject) => {
      listener.stream('user', {
        ...{ opened: resolve, refused: reject },
        event: (event) => {
          if (event.kind === 'user') events.push(event);
        },
      });
    });
    await opened;
  });
  afterEach(async () => {
    await listener.stop();
    await agent.stop();
  });

  it('is given the event, and let go', async () => {
    const { outcome } = await sendEvent(way(), notification({ text: 'x'.repeat(5_000) }), never);
    expect(outcome).toEqual({ is: 'arrived' });
    await eventually(() => expect(events).toHaveLength(1));
    expect(events[0]).toMatchObject({ name: 'guaita/alert', coalesce: false });
    expect(read(events[0]!.payload).text).toMatch(/^x+…$/);
    await eventually(() => expect(agent.connections).toBe(1));
  });

  it('is told a text made by a template', async () => {
    await sendEvent(way({ template: '{name}: {severity}' }), notification(), never);
    await eventually(() => expect(events).toHaveLength(1));
    expect(read(events[0]!.payload).text).toBe('Device 0123456789abcdef: critical');
  });

  it.each<[string, Fault | 'gone', object]>([
    ['is not there', 'gone', { is: 'failed', why: expect.stringMatching(/^Serf: .*ECONNREFUSED/) as string }],
    ['hangs up', { kind: 'close' }, { is: 'failed', why: expect.stringMatching(/^Serf: /) as string }],
    ['babbles', { kind: 'bytes', bytes: Buffer.alloc(99, 0xc1) }, { is: 'failed', why: expect.any(String) as string }],
  ])('that %s is asked another time', async (_, fault, expected) => {
    if (fault === 'gone') await agent.stop();
    else agent.fault = (command) => (command === 'event' ? fault : undefined);
    expect((await sendEvent(way(), notification(), never)).outcome).toEqual(expected);
  });

  it('that wants another key never takes it, and nobody is shown the key', async () => {
    const { outcome } = await sendEvent(way({ key: 'planted-wrong-key' }), notification(), never);
    expect(outcome).toEqual({ is: 'refused', why: expect.stringMatching(REFUSED) as string });
    const trial = await tryReceiver(way({ key: 'planted-wrong-key' }), 'pi-1', 0, never);
    expect(JSON.stringify(trial)).not.toContain('planted');
  });

  it('that takes less than others is given less', async () => {
    agent.eventLimit_bytes = 300;
    const { outcome } = await sendEvent(way(), notification({ text: 'x'.repeat(5_000) }), never);
    expect(outcome).toEqual({ is: 'arrived' });
    await eventually(() => expect(events).toHaveLength(1));
    expect(read(events[0]!.payload).text).toMatch(/^x+…$/);
    agent.eventLimit_bytes = 100;
    expect((await sendEvent(way(), notification(), never)).outcome).toEqual({
      is: 'refused',
      why: expect.stringMatching(/^Serf: event: the agent refuses: .* limit of 100 bytes/) as string,
    });
  });

  it('that is silent is left when that is given up', async () => {
    agent.fault = (command) => (command === 'event' ? { kind: 'silent' } : undefined);
    const end = new AbortController();
    const sending = sendEvent(way(), notification(), end.signal);
    await eventually(() => expect(agent.requests).toContain('event'));
    end.abort();
    expect(await sending).toEqual({ outcome: { is: 'failed', why: 'it was given up' }, answer: '' });
  });
});
