import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { expect, test } from 'vitest';
import { byTopic, listen, PATIENCE_ms, state, type Stage } from './stage.ts';

/** What waits for the broker, and for how long. */
export function waitingContract(stage: Stage): void {
  const { started } = stage;

  test('a message that expires while it waits for the broker is given up and counted', async () => {
    const { bus } = await started('one');
    const heard = await listen(bus, 'w/#');
    await stage.harness.stopBroker();
    await eventually(() => expect(bus.connected).toBe(false));
    bus.publish({ ...state('w/short', 'x'), expiry_s: 1 });
    bus.publish({ ...state('w/long', 'x'), expiry_s: 600 });
    await pause(1_200);
    await stage.harness.startBroker({ empty: true });
    await eventually(() => expect(heard.map(({ topic }) => topic)).toEqual(['w/long']));
    expect(bus.outbox.dropped).toBe(1);
  });

  test('while the broker is away state is kept to the newest, and the oldest measurements give way, counted', async () => {
    const { bus } = await started('one', { outboxLimit: 10 });
    const { bus: listener } = await started('listener');
    const heard = await listen(listener, 'o/#');
    await stage.harness.stopBroker();
    await eventually(() => expect(bus.connected || listener.connected).toBe(false));
    for (let n = 1; n <= 20; n += 1) bus.publish({ ...state(`o/measured`, `m${n}`), retain: false, measurement: true });
    for (let n = 1; n <= 20; n += 1) bus.publish(state('o/state', `s${n}`));
    expect(bus.outbox).toMatchObject({ waiting: 10, dropped: 11 });
    for (let n = 1; n <= 9; n += 1) bus.publish(state(`o/state/${n}`, 'x'));
    expect(bus.outbox).toMatchObject({ waiting: 10, dropped: 20 });
    expect(() => bus.publish(state('o/state/10', 'x'))).toThrow(/outbox is full.*o\/state\/10.*outboxLimit/);
    await stage.harness.startBroker({ empty: true });
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(Object.keys(byTopic(heard))).toHaveLength(10));
    expect(byTopic(heard)['o/state']).toBe('s20');
  });

  test('flushed resolves when all that was accepted is acknowledged, and rejects when its signal aborts', async () => {
    const { bus } = await started('one');
    await bus.flushed();
    for (let n = 0; n < 500; n += 1) bus.publish(state(`f/${n}`, 'x'));
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect(bus.outbox).toEqual({ waiting: 0, dropped: 0, rejected: 0 });
    await stage.harness.stopBroker();
    await eventually(() => expect(bus.connected).toBe(false));
    bus.publish(state('f/late', 'x'));
    await expect(bus.flushed(AbortSignal.timeout(100))).rejects.toThrow(/gave up waiting/);
    await stage.harness.startBroker({ empty: true });
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
  });
}
