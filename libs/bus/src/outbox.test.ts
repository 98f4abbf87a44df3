import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BusError, type OutgoingMessage } from './bus.ts';
import { Outbox, type Entry } from './outbox.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

function state(topic: string, payload = ''): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}

function measured(topic: string, payload = ''): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true, measurement: true };
}

/** Nobody suspects a message of a break that came so long after it was sent. */
const BREAK_ms = 60_000;

function drain(outbox: Outbox, now_ms = 0): string[] {
  const payloads: string[] = [];
  for (let entry = outbox.take(now_ms); entry !== undefined; entry = outbox.take(now_ms)) {
    payloads.push(`${entry.message.topic}=${entry.message.payload}`);
    outbox.settle(entry);
  }
  return payloads;
}

describe('the outbox', () => {
  test('gives messages in the order in which they were accepted', () => {
    const outbox = new Outbox(10);
    outbox.accept(measured('m', '1'), 0);
    outbox.accept(state('a', '1'), 0);
    outbox.accept({ ...state('event', '1'), retain: false }, 0);
    outbox.accept(measured('m', '2'), 0);
    outbox.accept({ ...state('event', '2'), retain: false }, 0);
    expect(drain(outbox)).toEqual(['m=1', 'a=1', 'event=1', 'm=2', 'event=2']);
  });

  test('newer retained state takes the older one’s place, and measurements and events do not', () => {
    const outbox = new Outbox(10);
    outbox.accept(state('a', 'old'), 0);
    outbox.accept(state('b', '1'), 0);
    outbox.accept(state('a', 'new'), 0);
    expect(outbox.size).toBe(2);
    expect(drain(outbox)).toEqual(['a=new', 'b=1']);
  });

  test.each([{ filters: ['flies/1', 'flies/2', 'waits/1', 'unknown'] }, { filters: ['flies/+', 'waits/#'] }])(
    'what was said on topics that are left to others ($filters) is sent no more, nor again, until somebody says it anew',
    ({ filters }) => {
      const outbox = new Outbox(10);
      outbox.accept(state('flies/1', '1'), 0);
      outbox.accept({ ...state('flies/2', 'event'), retain: false }, 0);
      for (const topic of ['waits/1', 'stays']) outbox.accept(state(topic, '1'), 0);
      outbox.accept(measured('waits/1', 'seen'), 0);
      outbox.accept({ ...state('waits/1', 'event'), retain: false }, 0);
      expect([outbox.take(0), outbox.take(0)].map((entry) => entry?.message.topic)).toEqual(['flies/1', 'flies/2']);
      for (const filter of filters) outbox.forget(filter);
      outbox.putBack(BREAK_ms);
      outbox.accept(state('waits/1', '2'), 0);
      expect(drain(outbox)).toEqual(['stays=1', 'waits/1=seen', 'waits/1=2']);
      expect([outbox.size, outbox.dropped]).toEqual([0, 0]);
    },
  );

  test('state does not overtake a measurement of its topic', () => {
    const outbox = new Outbox(10);
    outbox.accept(state('a', ''), 0);
    outbox.accept(measured('a', '1'), 0);
    outbox.accept(state('a', ''), 0);
    outbox.accept(state('a', 'end'), 0);
    expect(drain(outbox)).toEqual(['a=', 'a=1', 'a=end']);
    outbox.accept(state('a', '1'), 0);
    outbox.accept(measured('a', '2'), 0);
    outbox.take(0);
    outbox.take(0);
    outbox.putBack(BREAK_ms);
    outbox.accept(state('a', '3'), 0);
    expect(drain(outbox)).toEqual(['a=1', 'a=2', 'a=3']);
  });

  test('what the connection breaks of at once is sent alone the third time, and then given up', () => {
    const outbox = new Outbox(10);
    for (const message of [measured('m', '1'), state('poison'), state('b', '1')]) outbox.accept(message, 0);
    for (let n = 0; n < 2; n += 1) {
      while (outbox.take(0) !== undefined);
      expect(outbox.putBack(1)).toEqual([]);
    }
    const first = outbox.take(0);
    expect(first?.message.topic).toBe('m');
    expect(outbox.take(0)).toBeUndefined();
    if (first !== undefined) outbox.settle(first);
    expect(outbox.take(0, false)).toBeUndefined();
    expect(outbox.take(0)?.message.topic).toBe('poison');
    expect(outbox.take(0)).toBeUndefined();
    expect(outbox.putBack(1).map(({ topic }) => topic)).toEqual(['poison']);
    expect(drain(outbox)).toEqual(['b=1']);
  });

  test('when it is full the oldest measurement gives way and is counted', () => {
    const outbox = new Outbox(3);
    outbox.accept(state('a'), 0);
    outbox.accept(measured('m', '1'), 0);
    outbox.accept(measured('m', '2'), 0);
    outbox.accept(measured('m', '3'), 0);
    outbox.accept(state('b'), 0);
    expect(outbox.dropped).toBe(2);
    expect(drain(outbox)).toEqual(['a=', 'm=3', 'b=']);
  });

  test('full of state it refuses more state, gives up a new measurement, and still takes newer state of a topic', () => {
    const outbox = new Outbox(2);
    outbox.accept(state('a', 'old'), 0);
    outbox.accept(state('b'), 0);
    expect(() => outbox.accept(state('c'), 0)).toThrow(BusError);
    expect(() => outbox.accept(state('c'), 0)).toThrow(
      /2 messages of state wait.*so c cannot be said.*outboxLimit \(now 2\)/,
    );
    outbox.accept(measured('m'), 0);
    outbox.accept(state('a', 'new'), 0);
    expect(outbox.dropped).toBe(1);
    expect(drain(outbox)).toEqual(['a=new', 'b=']);
  });

  test('what has expired is given up and counted', () => {
    const outbox = new Outbox(10);
    outbox.accept({ ...measured('m'), expiry_s: 1 }, 0);
    outbox.accept({ ...state('a'), expiry_s: 2 }, 0);
    outbox.accept(state('b'), 0);
    expect(drain(outbox, 2_000)).toEqual(['b=']);
    expect(outbox.dropped).toBe(2);
  });

  test('what was in flight goes back in front, unless newer state of its topic waits', () => {
    const outbox = new Outbox(10);
    for (const message of [state('a', 'old'), measured('m', '1'), state('b', '1')]) outbox.accept(message, 0);
    for (let n = 0; n < 3; n += 1) outbox.take(0);
    outbox.accept(measured('m', '2'), 0);
    outbox.accept(state('a', 'new'), 0);
    outbox.putBack(BREAK_ms);
    expect(drain(outbox)).toEqual(['m=1', 'b=1', 'm=2', 'a=new']);
  });

  test('holds to a plain list of what was accepted, whatever happens', () => {
    const topic = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ do: fc.constant('state' as const), topic }),
      fc.record({ do: fc.constant('event' as const), topic }),
      fc.record({ do: fc.constant('measurement' as const), topic }),
      fc.constant({ do: 'take' as const }),
      fc.constant({ do: 'settle' as const }),
      fc.constant({ do: 'break' as const }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
        const outbox = new Outbox(limit);
        let model: { topic: string; kind: string; payload: string; flying?: Entry }[] = [];
        let dropped = 0;
        for (const [n, action] of steps.entries()) {
          const waiting = model.filter(({ flying }) => flying === undefined);
          const [firstFlying] = model.filter(({ flying }) => flying !== undefined);
          if (action.do === 'take') {
            const entry = outbox.take(0);
            expect(entry?.message.payload).toBe(waiting[0]?.payload);
            if (waiting[0] !== undefined && entry !== undefined) waiting[0].flying = entry;
          } else if (action.do === 'settle') {
            if (firstFlying?.flying !== undefined) outbox.settle(firstFlying.flying);
            model = model.filter((item) => item !== firstFlying);
          } else if (action.do === 'break') {
            outbox.putBack(BREAK_ms);
            const superseded = (item: (typeof model)[number]): boolean =>
              item.flying !== undefined &&
              item.kind === 'state' &&
              model
                .slice(model.indexOf(item) + 1)
                .some((later) => later.kind === 'state' && later.topic === item.topic);
            model = model.filter((item) => !superseded(item));
            for (const item of model) delete item.flying;
          } else {
            const item = { topic: action.topic, kind: action.do, payload: String(n) };
            const message = {
              ...state(item.topic, item.payload),
              retain: item.kind !== 'event',
              measurement: item.kind === 'measurement',
            };
            // Only state of the topic that no measurement of it follows is replaced.
            const last = waiting.findLast(({ kind, topic }) => kind !== 'event' && topic === item.topic);
            const older = item.kind === 'state' && last?.kind === 'state' ? last : undefined;
            const oldest = waiting.find(({ kind }) => kind === 'measurement');
            if (older !== undefined) older.payload = item.payload;
            else if (model.length < limit) model.push(item);
            else if (oldest !== undefined) {
              model = [...model.filter((other) => other !== oldest), item];
              dropped += 1;
            } else if (item.kind === 'measurement') dropped += 1;
            if (older === undefined && !model.includes(item) && item.kind !== 'measurement') {
              expect(() => outbox.accept(message, 0)).toThrow(BusError);
            } else outbox.accept(message, 0);
          }
          expect(outbox.size).toBe(model.length);
          expect(outbox.dropped).toBe(dropped);
          expect(outbox.inFlight).toBe(model.filter(({ flying }) => flying !== undefined).length);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
