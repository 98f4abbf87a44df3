import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bus, IncomingMessage, OutgoingMessage, WillSource } from './bus.ts';

/** What the suite asks of a bus that it wants made. */
export interface ContractBusOptions {
  readonly clientId: string;
  readonly will?: WillSource;
  readonly session?: 'clean' | { readonly kept_s: number };
  readonly outboxLimit?: number;
}

/** A bus and what may happen to it. */
export interface ContractBus {
  readonly bus: Bus;
  /** Breaks its connection; it may come back. */
  cut(): void;
  /** Breaks its connection for good, without a goodbye. */
  kill(): Promise<void>;
}

/** The world that a bus lives in. */
export interface ContractHarness {
  makeBus(options: ContractBusOptions): Promise<ContractBus>;
  /** Takes the broker away in good order. */
  stopBroker(): Promise<void>;
  /** Brings it back: with what it kept, or `empty`. */
  startBroker(options: { empty: boolean }): Promise<void>;
  /** Whether retained messages and kept sessions outlive the broker. */
  readonly persists: boolean;
  close(): Promise<void>;
}

/** Everything here happens within milliseconds; a loaded machine and a reconnection may take some seconds. */
const PATIENCE_ms = 20_000;

/** How long the suite listens before it believes that nothing comes. */
const SILENCE_ms = 400;

/** What every `Bus` does, whatever broker is behind it. */
export function busContract(name: string, makeHarness: () => Promise<ContractHarness>): void {
  describe(`the bus contract on ${name}`, { timeout: 3 * PATIENCE_ms }, () => {
    let harness: ContractHarness;
    const made: ContractBus[] = [];
    let run = 0;

    beforeEach(async () => {
      harness = await makeHarness();
      run += 1;
    });

    afterEach(async () => {
      await Promise.all(made.splice(0).map(({ bus }) => bus.stop(100)));
      await harness.close();
    });

    async function make(id: string, options: Omit<ContractBusOptions, 'clientId'> = {}): Promise<ContractBus> {
      const bus = await harness.makeBus({ clientId: `${id}-${run}`, ...options });
      made.push(bus);
      return bus;
    }

    async function started(id: string, options: Omit<ContractBusOptions, 'clientId'> = {}): Promise<ContractBus> {
      const made = await make(id, options);
      await made.bus.start(AbortSignal.timeout(PATIENCE_ms));
      return made;
    }

    /** All that a bus hears on a filter, as it comes. */
    async function listen(bus: Bus, filter: string): Promise<IncomingMessage[]> {
      const heard: IncomingMessage[] = [];
      await bus.subscribe(filter, (message) => heard.push(message));
      return heard;
    }

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
      await harness.stopBroker();
      await eventually(() => expect(bus.connected || other.connected).toBe(false));
      bus.publish(state('l/waits', 'x'));
      bus.forget('l/waits');
      bus.publish(state('l/again', 'old'));
      bus.forget('l/again');
      bus.publish(state('l/again', 'new'));
      await harness.startBroker({ empty: true });
      await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
      await eventually(() => expect(bus.connected && other.connected).toBe(true));
      const heard = await listen((await started('late')).bus, 'l/#');
      const expected = { 'l/kept': 'x', 'l/left': 'by another', 'l/cleared': 'by another', 'l/again': 'new' };
      await eventually(() => expect(byTopic(heard)).toEqual(expected));
      await pause(SILENCE_ms);
      expect(byTopic(heard)).toEqual(expected);
      expect(bus.outbox).toMatchObject({ waiting: 0, dropped: 0 });
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

    test('a message that expires while it waits for the broker is given up and counted', async () => {
      const { bus } = await started('one');
      const heard = await listen(bus, 'w/#');
      await harness.stopBroker();
      await eventually(() => expect(bus.connected).toBe(false));
      bus.publish({ ...state('w/short', 'x'), expiry_s: 1 });
      bus.publish({ ...state('w/long', 'x'), expiry_s: 600 });
      await pause(1_200);
      await harness.startBroker({ empty: true });
      await eventually(() => expect(heard.map(({ topic }) => topic)).toEqual(['w/long']));
      expect(bus.outbox.dropped).toBe(1);
    });

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
      await harness.stopBroker();
      const { bus: patient } = await make('patient');
      const { bus: hasty } = await make('hasty');
      const start = patient.start(AbortSignal.timeout(PATIENCE_ms));
      await expect(hasty.start(AbortSignal.timeout(100))).rejects.toThrow(/gave up connecting to/);
      await harness.startBroker({ empty: true });
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
      await harness.stopBroker();
      await harness.startBroker({ empty: true });
      await eventually(() => expect(bus.connected).toBe(true));
      const { bus: late } = await started('late');
      const heard = await listen(late, 's/#');
      await eventually(() => expect(byTopic(heard)).toMatchObject({ 's/1': 'new', 's/2': 'x' }));
      await pause(SILENCE_ms);
      expect(Object.keys(byTopic(heard)).filter((topic) => byTopic(heard)[topic] !== '')).toEqual(['s/1', 's/2']);
    });

    test('while the broker is away state is kept to the newest, and the oldest measurements give way, counted', async () => {
      const { bus } = await started('one', { outboxLimit: 10 });
      const { bus: listener } = await started('listener');
      const heard = await listen(listener, 'o/#');
      await harness.stopBroker();
      await eventually(() => expect(bus.connected || listener.connected).toBe(false));
      for (let n = 1; n <= 20; n += 1)
        bus.publish({ ...state(`o/measured`, `m${n}`), retain: false, measurement: true });
      for (let n = 1; n <= 20; n += 1) bus.publish(state('o/state', `s${n}`));
      expect(bus.outbox).toMatchObject({ waiting: 10, dropped: 11 });
      for (let n = 1; n <= 9; n += 1) bus.publish(state(`o/state/${n}`, 'x'));
      expect(bus.outbox).toMatchObject({ waiting: 10, dropped: 20 });
      expect(() => bus.publish(state('o/state/10', 'x'))).toThrow(/outbox is full.*o\/state\/10.*outboxLimit/);
      await harness.startBroker({ empty: true });
      await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
      await eventually(() => expect(Object.keys(byTopic(heard))).toHaveLength(10));
      expect(byTopic(heard)['o/state']).toBe('s20');
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
      await harness.stopBroker();
      await harness.startBroker({ empty: false });
      const { bus: after } = await make('keeper', { session });
      const heard = await listen(after, 'p/#');
      const state_ = await listen(after, 'kept/#');
      await after.start(AbortSignal.timeout(PATIENCE_ms));
      if (harness.persists) {
        await eventually(() => expect(heard.map(text)).toEqual(['missed']));
        await eventually(() => expect(Object.keys(byTopic(state_)).sort()).toEqual(['kept/seen', 'kept/state']));
      } else {
        await pause(SILENCE_ms);
        expect([...heard, ...state_]).toEqual([]);
      }
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

    test('flushed resolves when all that was accepted is acknowledged, and rejects when its signal aborts', async () => {
      const { bus } = await started('one');
      await bus.flushed();
      for (let n = 0; n < 500; n += 1) bus.publish(state(`f/${n}`, 'x'));
      await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
      expect(bus.outbox).toEqual({ waiting: 0, dropped: 0, rejected: 0 });
      await harness.stopBroker();
      await eventually(() => expect(bus.connected).toBe(false));
      bus.publish(state('f/late', 'x'));
      await expect(bus.flushed(AbortSignal.timeout(100))).rejects.toThrow(/gave up waiting/);
      await harness.startBroker({ empty: true });
      await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
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

    test('topics and filters that MQTT does not allow are refused at once', async () => {
      const { bus } = await started('one');
      expect(() => bus.publish(state('a/+/b', 'x'))).toThrow(/"a\/\+\/b": it has a wildcard/);
      expect(() => bus.publish(state('', 'x'))).toThrow(/it is empty/);
      await expect(bus.subscribe('a/#/b', () => {})).rejects.toThrow(/"#" may only be its last level/);
    });
  });
}

/** A retained message of state at QoS 1. */
function state(topic: string, payload: string): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}

function text(message: IncomingMessage): string {
  return Buffer.from(message.payload).toString();
}

/** The newest payload of each topic. */
function byTopic(messages: readonly IncomingMessage[]): Record<string, string> {
  return Object.fromEntries(messages.map((message) => [message.topic, text(message)]));
}

async function eventually(check: () => unknown): Promise<void> {
  const deadline = performance.now() + PATIENCE_ms;
  for (;;) {
    try {
      check();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(10);
    }
  }
}
