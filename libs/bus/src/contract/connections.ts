import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { expect, test } from 'vitest';
import { listen, PATIENCE_ms, SILENCE_ms, state, text, type Stage } from './stage.ts';

/** Connections that come, break and end, and the wills that tell of it. */
export function connectionContract(stage: Stage): void {
  const { make, started } = stage;

  test('what is published before the start is sent once the broker is there', async () => {
    const { bus: listener } = await started('listener');
    const heard = await listen(listener, 'early');
    const { bus } = await make('early');
    const own = await listen(bus, 'early');
    bus.publish(state('early', 'bird'));
    expect(bus.connected).toBe(false);
    await bus.start(AbortSignal.timeout(PATIENCE_ms));
    expect(bus.connected).toBe(true);
    await eventually(() => expect(heard.map(text)).toEqual(['bird']));
    await eventually(() => expect(own.map(text)).toEqual(['bird']));
  });

  test('start waits for a broker that is not there yet, until its signal aborts', async () => {
    await stage.harness.stopBroker();
    const { bus: patient } = await make('patient');
    const { bus: hasty } = await make('hasty');
    const start = patient.start(AbortSignal.timeout(PATIENCE_ms));
    await expect(hasty.start(AbortSignal.timeout(100))).rejects.toThrow(/gave up connecting to/);
    await stage.harness.startBroker({ empty: true });
    await start;
    expect(patient.connected).toBe(true);
  });

  test('after a cut it subscribes again, sends what was published meanwhile, and tells its listeners', async () => {
    const one = await started('one');
    const { bus: other } = await started('other');
    const changes: boolean[] = [];
    one.bus.onConnection((connected) => changes.push(connected));
    const heard = await listen(one.bus, 'c/#');
    const elsewhere = await listen(other, 'c/#');
    one.cut();
    await eventually(() => expect(changes).toContain(false));
    for (const payload of ['1', '2', '3']) one.bus.publish({ ...state('c/event', payload), retain: false });
    await one.bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(one.bus.connected).toBe(true));
    expect(changes).toEqual([false, true]);
    await eventually(() => expect(elsewhere.map(text)).toEqual(['1', '2', '3']));
    other.publish({ ...state('c/after', '4'), retain: false });
    await eventually(() => expect(heard.map(text)).toContain('4'));
  });

  test('one that is broken off is made anew, and what was under way is sent over that, but what is left to others', async () => {
    const { bus: watcher } = await started('watcher');
    const heard = await listen(watcher, 'severed/#');
    const { bus } = await started('one', { will: { topic: 'severed/will', payload: 'dead', retain: false } });
    const changes: boolean[] = [];
    bus.onConnection((connected) => changes.push(connected));
    bus.publish({ ...state('severed/ours', 'x'), retain: false });
    bus.publish({ ...state('severed/theirs', 'x'), retain: false });
    bus.forget('severed/theirs');
    bus.sever('a test wants it');
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    await eventually(() => expect(changes).toEqual([false, true]));
    await eventually(() => expect(new Set(heard.map(({ topic }) => topic))).toContain('severed/will'));
    await pause(SILENCE_ms);
    expect(heard.map(({ topic }) => topic).sort()).toEqual(['severed/ours', 'severed/will']);
  });

  test('the will is sent when a client dies, and not when it says goodbye', async () => {
    const { bus: watcher } = await started('watcher');
    const heard = await listen(watcher, 'will/#');
    const dying = await started('dying', { will: { topic: 'will/dying', payload: 'dead', retain: true } });
    const leaving = await started('leaving', { will: { topic: 'will/leaving', payload: 'dead', retain: true } });
    await leaving.bus.stop();
    await dying.kill();
    await eventually(() => expect(heard).toHaveLength(1));
    await pause(SILENCE_ms);
    expect(heard.map(({ topic }) => topic)).toEqual(['will/dying']);
    const late = await listen((await started('late')).bus, 'will/#');
    await eventually(() => expect(late.map(text)).toEqual(['dead']));
  });

  test('after its will was sent, a client that comes back says its state again', async () => {
    const { bus: watcher } = await started('watcher');
    const heard = await listen(watcher, 'presence');
    const service = await started('service', { will: { topic: 'presence', payload: 'offline', retain: true } });
    service.bus.publish(state('presence', 'online'));
    await service.bus.flushed();
    service.cut();
    await eventually(() => expect(heard.map(text)).toEqual(['online', 'offline', 'online']));
  });

  test('each connection has a number, higher than those before, and a will of its own', async () => {
    const { bus: watcher } = await started('watcher');
    const heard = await listen(watcher, 'will');
    const service = await make('service', {
      will: (connection) => ({ topic: 'will', payload: String(connection), retain: false }),
    });
    expect(service.bus.connection).toBe(0);
    await service.bus.start(AbortSignal.timeout(PATIENCE_ms));
    const numbers = [service.bus.connection];
    for (const again of [1, 2]) {
      service.cut();
      await eventually(() => expect(heard).toHaveLength(again));
      await eventually(() =>
        expect(service.bus.connected && service.bus.connection > (numbers.at(-1) ?? 0)).toBe(true),
      );
      numbers.push(service.bus.connection);
    }
    await service.kill();
    await eventually(() => expect(heard.map(text)).toEqual(numbers.map(String)));
  });

  test('stop sends what waits, and nothing can be published after it', async () => {
    const { bus: listener } = await started('listener');
    const heard = await listen(listener, 'z/#');
    const { bus } = await started('one');
    bus.publish({ ...state('z/1', 'x'), measurement: true });
    await bus.stop();
    expect(bus.connected).toBe(false);
    await eventually(() => expect(heard.map(text)).toEqual(['x']));
    expect(() => bus.publish(state('z/2', 'x'))).toThrow(/has stopped/);
    await bus.stop();
  });
}
