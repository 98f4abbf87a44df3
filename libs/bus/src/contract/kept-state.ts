import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { expect, test } from 'vitest';
import { byTopic, listen, PATIENCE_ms, SILENCE_ms, state, text, type Stage } from './stage.ts';

/** What outlives a connection, a broker, or both. */
export function keptStateContract(stage: Stage): void {
  const { make, started } = stage;

  test('a retained message reaches who subscribes later, marked as retained, until it is cleared', async () => {
    const { bus } = await started('one');
    bus.publish(state('r/kept', 'old'));
    bus.publish(state('r/kept', 'new'));
    bus.publish(state('r/cleared', 'x'));
    await bus.flushed();
    bus.publish(state('r/cleared', ''));
    await bus.flushed();
    const { bus: late } = await started('late');
    const heard = await listen(late, 'r/#');
    await eventually(() => expect(heard).toHaveLength(1));
    await pause(SILENCE_ms);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ topic: 'r/kept', retain: true });
    expect(heard.map(text)).toEqual(['new']);
    bus.publish(state('r/kept', 'newer'));
    bus.publish(state('r/kept', ''));
    await eventually(() => expect(heard.map(text)).toEqual(['new', 'newer', '']));
    expect(heard[1]?.retain).toBe(false);
  });

  test('a broker that comes back empty is told all state again, and no measurement', async () => {
    const { bus } = await started('one');
    bus.publish(state('s/1', 'old'));
    bus.publish(state('s/1', 'new'));
    bus.publish(state('s/2', 'x'));
    bus.publish(state('s/gone', 'x'));
    bus.publish(state('s/gone', ''));
    bus.publish({ ...state('s/expired', 'x'), expiry_s: 1 });
    bus.publish({ ...state('s/seen', 'x'), measurement: true, expiry_s: 600 });
    await bus.flushed();
    await pause(1_200);
    await stage.harness.stopBroker();
    await stage.harness.startBroker({ empty: true });
    await eventually(() => expect(bus.connected).toBe(true));
    const { bus: late } = await started('late');
    const heard = await listen(late, 's/#');
    await eventually(() => expect(byTopic(heard)).toMatchObject({ 's/1': 'new', 's/2': 'x' }));
    await pause(SILENCE_ms);
    expect(Object.keys(byTopic(heard)).filter((topic) => byTopic(heard)[topic] !== '')).toEqual(['s/1', 's/2']);
  });

  test('a topic that is left to others is not said again, nor what still waits of it', async () => {
    const { bus } = await started('one');
    for (const topic of ['l/kept', 'l/left', 'l/cleared']) bus.publish(state(topic, 'x'));
    bus.publish(state('l/cleared', ''));
    await bus.flushed();
    bus.forget('l/left');
    bus.forget('l/cleared');
    bus.forget('l/unknown');
    const { bus: other } = await started('other');
    other.publish(state('l/left', 'by another'));
    other.publish(state('l/cleared', 'by another'));
    await other.flushed();
    await stage.harness.stopBroker();
    await eventually(() => expect(bus.connected || other.connected).toBe(false));
    bus.publish(state('l/waits', 'x'));
    bus.publish(state('l/group/waits', 'x'));
    bus.forget('l/waits');
    bus.forget('l/group/#');
    bus.publish(state('l/again', 'old'));
    bus.forget('l/again');
    bus.publish(state('l/again', 'new'));
    await stage.harness.startBroker({ empty: true });
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(bus.connected && other.connected).toBe(true));
    const heard = await listen((await started('late')).bus, 'l/#');
    const expected = { 'l/kept': 'x', 'l/left': 'by another', 'l/cleared': 'by another', 'l/again': 'new' };
    await eventually(() => expect(byTopic(heard)).toEqual(expected));
    await pause(SILENCE_ms);
    expect(byTopic(heard)).toEqual(expected);
    expect(bus.outbox).toMatchObject({ waiting: 0, dropped: 0 });
  });

  test('a kept session receives what was published while its client was away', async () => {
    const session = { kept_s: 600 };
    const { bus: speaker } = await started('speaker');
    const { bus: before } = await started('keeper', { session });
    await before.subscribe('k/#', () => {});
    await before.stop();
    speaker.publish({ ...state('k/1', 'missed'), retain: false });
    await speaker.flushed();
    const { bus: after } = await make('keeper', { session });
    const heard = await listen(after, 'k/#');
    await after.start(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(heard.map(text)).toEqual(['missed']));
    const { bus: clean } = await started('clean');
    const nothing = await listen(clean, 'k/#');
    await pause(SILENCE_ms);
    expect(nothing).toEqual([]);
  });

  test('where the broker persists, retained messages and kept sessions outlive it', async () => {
    const session = { kept_s: 600 };
    const { bus: before } = await started('keeper', { session });
    await before.subscribe('p/#', () => {});
    await before.stop();
    const { bus: speaker } = await started('speaker');
    speaker.publish({ ...state('p/event', 'missed'), retain: false });
    speaker.publish(state('kept/state', 'here'));
    speaker.publish({ ...state('kept/seen', 'here'), measurement: true, expiry_s: 600 });
    await speaker.stop();
    await stage.harness.stopBroker();
    await stage.harness.startBroker({ empty: false });
    const { bus: after } = await make('keeper', { session });
    const heard = await listen(after, 'p/#');
    const state_ = await listen(after, 'kept/#');
    await after.start(AbortSignal.timeout(PATIENCE_ms));
    if (stage.harness.persists) {
      await eventually(() => expect(heard.map(text)).toEqual(['missed']));
      await eventually(() => expect(Object.keys(byTopic(state_)).sort()).toEqual(['kept/seen', 'kept/state']));
    } else {
      await pause(SILENCE_ms);
      expect([...heard, ...state_]).toEqual([]);
    }
  });
}
