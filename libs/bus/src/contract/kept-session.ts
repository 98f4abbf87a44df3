import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { expect, test } from 'vitest';
import { NotTaken, type Bus, type OutgoingMessage } from '../bus.ts';
import { byTopic, listen, PATIENCE_ms, SILENCE_ms, state, text, type Stage } from './stage.ts';

const session = { kept_s: 600 };

function event(topic: string, payload: string): OutgoingMessage {
  return { ...state(topic, payload), retain: false };
}

/** Takes messages until a payload comes that it cannot take; `tried` is all that it was given, `taken` what it took. */
async function takeUntil(bus: Bus, filter: string, last: string): Promise<{ tried: string[]; taken: string[] }> {
  const tried: string[] = [];
  const taken: string[] = [];
  await bus.subscribe(filter, (message) => {
    const payload = text(message);
    tried.push(payload);
    if (payload === last) throw new NotTaken('no room');
    taken.push(payload);
  });
  return { tried, taken };
}

/** What a kept session promises: nothing is acknowledged before it is handled, nothing unacknowledged is lost. */
export function keptSessionContract(stage: Stage): void {
  const { make, started } = stage;

  test('a message is acknowledged only once its handler has returned: one that cannot take it gets it again, in order', async () => {
    const { bus: speaker } = await started('speaker');
    const { bus: keeper } = await started('keeper', { session });
    const taken: string[] = [];
    let refusals = 2;
    await keeper.subscribe('n/#', (message) => {
      if (text(message) === '3' && refusals > 0) {
        refusals -= 1;
        throw new NotTaken('no room');
      }
      taken.push(text(message));
    });
    const changes: boolean[] = [];
    keeper.onConnection((connected) => changes.push(connected));
    const numbers = Array.from({ length: 20 }, (_, n) => String(n + 1));
    for (const number of numbers) speaker.publish(event('n/1', number));
    await speaker.flushed(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(taken).toContain('20'));
    await pause(SILENCE_ms);
    expect(refusals).toBe(0);
    expect(changes).toContain(false);
    // What was taken before the break may come twice, since its acknowledgement may not have got through any more.
    expect([...new Set(taken)]).toEqual(numbers);
    expect(taken.slice(taken.lastIndexOf('3'))).toEqual(numbers.slice(2));
  });

  test('what came together is acknowledged only once who gathers it has kept it: else all of it comes again, in order', async () => {
    const { bus: speaker } = await started('speaker');
    const { bus: keeper } = await started('keeper', { session });
    const gathered: string[] = [];
    const kept: string[] = [];
    let refusals = 2;
    await keeper.subscribe('g/#', (message) => gathered.push(text(message)));
    keeper.onHandedOut(() => {
      const together = gathered.splice(0);
      if (together.includes('3') && refusals > 0) {
        refusals -= 1;
        throw new NotTaken('no room');
      }
      kept.push(...together);
    });
    const numbers = Array.from({ length: 20 }, (_, n) => String(n + 1));
    for (const number of numbers) speaker.publish(event('g/1', number));
    await speaker.flushed(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(kept).toContain('20'));
    await pause(SILENCE_ms);
    expect(refusals).toBe(0);
    expect(gathered).toEqual([]);
    // Those before it may have been kept with others, and their acknowledgement lost with the connection.
    expect([...new Set(kept)]).toEqual(numbers);
    expect(kept.slice(kept.lastIndexOf('3'))).toEqual(numbers.slice(2));
  });

  test('a message whose handler has any other fault is acknowledged, and does not come again', async () => {
    const { bus: speaker } = await started('speaker');
    const { bus: keeper } = await started('keeper', { session });
    const tried: string[] = [];
    await keeper.subscribe('f/#', (message) => {
      tried.push(text(message));
      throw new Error('a fault');
    });
    for (const payload of ['1', '2']) speaker.publish(event('f/1', payload));
    await eventually(() => expect(tried).toEqual(['1', '2']));
    expect(keeper.connected).toBe(true);
    await keeper.stop();
    const { bus: after } = await make('keeper', { session });
    const again = await listen(after, 'f/#');
    await after.start(AbortSignal.timeout(PATIENCE_ms));
    await pause(SILENCE_ms);
    expect(again).toEqual([]);
  });

  test('who is killed and comes back has all that it had not acknowledged and all that was said meanwhile, in order', async () => {
    const { bus: speaker } = await started('speaker');
    const killed = await started('keeper', { session });
    const before = await takeUntil(killed.bus, 'q/#', '3');
    for (const payload of ['1', '2', '3', '4']) speaker.publish(event('q/1', payload));
    await eventually(() => expect(before.tried).toContain('3'));
    await killed.kill();
    speaker.publish({ ...event('q/1', 'expires'), expiry_s: 1 });
    for (const payload of ['5', '6']) speaker.publish({ ...event('q/1', payload), expiry_s: 600 });
    await speaker.flushed(AbortSignal.timeout(PATIENCE_ms));
    await pause(2_200);
    const { bus: after } = await make('keeper', { session });
    const heard = await listen(after, 'q/#');
    await after.start(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(heard.map(text)).toContain('6'));
    await pause(SILENCE_ms);
    expect(before.taken.slice(0, 2)).toEqual(['1', '2']);
    expect(heard.map(text).filter((payload) => !['1', '2'].includes(payload))).toEqual(['3', '4', '5', '6']);
  });

  test('where the broker persists, what was not acknowledged outlives it as well', async () => {
    const { bus: speaker } = await started('speaker');
    const killed = await started('keeper', { session });
    const before = await takeUntil(killed.bus, 'p/#', '2');
    for (const payload of ['1', '2', '3']) speaker.publish(event('p/1', payload));
    await eventually(() => expect(before.tried).toContain('2'));
    await killed.kill();
    speaker.publish(event('p/1', '4'));
    await speaker.flushed(AbortSignal.timeout(PATIENCE_ms));
    await stage.harness.stopBroker();
    await stage.harness.startBroker({ empty: false });
    const { bus: after } = await make('keeper', { session });
    const heard = await listen(after, 'p/#');
    await after.start(AbortSignal.timeout(PATIENCE_ms));
    const expected = stage.harness.persists ? ['2', '3', '4'] : [];
    await eventually(() => expect(heard.map(text).filter((payload) => payload !== '1')).toEqual(expected));
    await pause(SILENCE_ms);
    expect(heard.map(text).filter((payload) => payload !== '1')).toEqual(expected);
  });

  test('who wants retained messages only of new subscriptions gets them once as long as its session is kept', async () => {
    const { bus: speaker } = await started('speaker');
    speaker.publish(state('r/1', 'first'));
    await speaker.flushed();
    const keeper = await started('keeper', { session });
    const heard: string[] = [];
    await keeper.bus.subscribe('r/#', (message) => heard.push(text(message)), { retained: 'if-new' });
    await eventually(() => expect(heard).toEqual(['first']));
    // The broker has the acknowledgement once it has what was said after it: a message whose acknowledgement was cut off comes again.
    keeper.bus.publish(event('kept', 'heard'));
    await keeper.bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    const connection = keeper.bus.connection;
    keeper.cut();
    await eventually(() => expect(keeper.bus.connected && keeper.bus.connection > connection).toBe(true));
    speaker.publish(state('r/1', 'second'));
    await eventually(() => expect(heard).toContain('second'));
    await pause(SILENCE_ms);
    expect(heard).toEqual(['first', 'second']);
    // Without a session the subscription is new.
    const { bus: clean } = await started('clean');
    const afresh: string[] = [];
    await clean.subscribe('r/#', (message) => afresh.push(text(message)), { retained: 'if-new' });
    await eventually(() => expect(afresh).toEqual(['second']));
  });

  test('who was away for longer than its session is kept has the newest that is retained, and has not expired', async () => {
    const { bus: speaker } = await started('speaker');
    const options = { retained: 'if-new' } as const;
    const killed = await started('keeper', { session: { kept_s: 1 } });
    await killed.bus.subscribe('l/#', () => {}, options);
    await killed.kill();
    for (const payload of ['1', '2']) speaker.publish({ ...state('l/lasts', payload), expiry_s: 600 });
    speaker.publish({ ...state('l/expires', 'x'), expiry_s: 1 });
    await speaker.flushed(AbortSignal.timeout(PATIENCE_ms));
    await pause(3_000);
    const { bus: after } = await make('keeper', { session: { kept_s: 1 } });
    const heard: string[] = [];
    await after.subscribe('l/#', (message) => heard.push(text(message)), options);
    await after.start(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(heard).toContain('2'));
    await pause(SILENCE_ms);
    expect(heard).toEqual(['2']);
  });

  test('two clients with sessions of their own each have everything', async () => {
    const { bus: speaker } = await started('speaker');
    for (const id of ['one', 'two']) {
      const { bus } = await started(id, { session });
      await bus.subscribe('t/#', () => {});
      await bus.stop();
    }
    speaker.publish(event('t/1', 'missed'));
    await speaker.flushed();
    for (const id of ['one', 'two']) {
      const { bus } = await make(id, { session });
      const heard = await listen(bus, 't/#');
      await bus.start(AbortSignal.timeout(PATIENCE_ms));
      await eventually(() => expect(byTopic(heard)).toEqual({ 't/1': 'missed' }));
    }
  });
}
