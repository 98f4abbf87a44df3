import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { expect, test } from 'vitest';
import type { IncomingMessage } from '../bus.ts';
import { byTopic, listen, SILENCE_ms, state, text, type Stage } from './stage.ts';

/** What reaches whom. */
export function deliveryContract(stage: Stage): void {
  const { started } = stage;

  test('a message reaches who subscribed, with payload, QoS and all that MQTT 5 lets it bear', async () => {
    const { bus: speaker } = await started('speaker');
    const { bus: listener } = await started('listener');
    const heard = await listen(listener, 'a/+');
    const correlationData = Uint8Array.of(0, 1, 255);
    const properties = { via: 'ü', 'and so': 'on' };
    speaker.publish({
      ...{ ...state('a/b', 'héllo'), retain: false, expiry_s: 600 },
      ...{ responseTopic: 'reply/x/1', correlationData, properties },
    });
    speaker.publish({ ...state('a/c', 'fast'), retain: false, qos: 0 });
    await eventually(() => expect(heard).toHaveLength(2));
    // MQTT keeps the order within a QoS, not between them.
    const full = heard.find(({ topic }) => topic === 'a/b');
    expect(full).toMatchObject({ qos: 1, retain: false, responseTopic: 'reply/x/1', properties });
    expect(full?.expiry_s).toBeGreaterThan(500);
    expect(full?.expiry_s).toBeLessThanOrEqual(600);
    expect(Buffer.from(full?.correlationData ?? [])).toEqual(Buffer.from(correlationData));
    expect(byTopic(heard)).toEqual({ 'a/b': 'héllo', 'a/c': 'fast' });
    expect(heard.find(({ topic }) => topic === 'a/c')?.qos).toBe(0);
  });

  test('each handler is called once for each message, however their filters overlap', async () => {
    const { bus } = await started('one');
    bus.publish(state('v/a', 'retained'));
    await bus.flushed();
    const filters = ['v/a', 'v/#', 'v/+', 'v/+'];
    const heard: IncomingMessage[][] = [];
    for (const filter of filters) heard.push(await listen(bus, filter));
    await eventually(() => heard.map((messages) => expect(messages.map(text)).toEqual(['retained'])));
    await pause(SILENCE_ms);
    for (const payload of ['1', '1', '2', '1']) bus.publish({ ...state('v/a', payload), retain: false });
    for (const payload of ['f', 'f']) bus.publish({ ...state('v/a', payload), retain: false, qos: 0 });
    bus.publish({ ...state('v/a', 'last'), retain: false });
    const expected = ['retained', '1', '1', '2', '1', 'f', 'f', 'last'].sort();
    await eventually(() => heard.map((messages) => expect(messages.map(text).sort()).toEqual(expected)));
    await pause(SILENCE_ms);
    for (const messages of heard) expect(messages.map(text).sort()).toEqual(expected);
  });

  test('who unsubscribes hears no more, and the others still do', async () => {
    const { bus } = await started('one');
    const gone: IncomingMessage[] = [];
    const unsubscribe = await bus.subscribe('u/#', (message) => gone.push(message));
    const stays = await listen(bus, 'u/#');
    await unsubscribe();
    await unsubscribe();
    bus.publish({ ...state('u/1', 'x'), retain: false });
    await eventually(() => expect(stays.map(text)).toEqual(['x']));
    expect(gone).toEqual([]);
  });

  test('a payload of one megabyte arrives as it was', async () => {
    const { bus } = await started('one');
    const heard = await listen(bus, 'big');
    const payload = 'ü1'.repeat(350_000);
    bus.publish(state('big', payload));
    await eventually(() => expect(heard.some((message) => text(message) === payload)).toBe(true));
  });

  test('a message is not delivered once its expiry has passed', async () => {
    const { bus } = await started('one');
    bus.publish({ ...state('e/short', 'x'), expiry_s: 1 });
    bus.publish({ ...state('e/long', 'x'), expiry_s: 600 });
    await bus.flushed();
    await pause(2_200);
    const heard = await listen(bus, 'e/#');
    await eventually(() => expect(heard.map(({ topic }) => topic)).toEqual(['e/long']));
    await pause(SILENCE_ms);
    expect(heard).toHaveLength(1);
  });

  test('topics and filters that MQTT does not allow are refused at once', async () => {
    const { bus } = await started('one');
    expect(() => bus.publish(state('a/+/b', 'x'))).toThrow(/"a\/\+\/b": it has a wildcard/);
    expect(() => bus.publish(state('', 'x'))).toThrow(/it is empty/);
    await expect(bus.subscribe('a/#/b', () => {})).rejects.toThrow(/"#" may only be its last level/);
  });
}
