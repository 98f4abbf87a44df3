import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels, type FoundService } from '@guaita/messages';
import { ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OtherHosts } from './other-hosts.ts';

const SERVICE: FoundService = {
  ...{ type: 'http', name: 'wiki', address: '192.0.2.2', port: 80, protocol: 'tcp', description: '', txt: {} },
  ...{ node: 'somebody', source: 'announcements' },
};

describe('what other hosts have', () => {
  let clock: ManualClock;
  let broker: MemoryBroker;
  let bus: MemoryBus;
  let speaker: Wire;
  let there: Set<string>;
  let isOurTurn: boolean;
  let turnListener: ((speaks: boolean) => void) | undefined;
  /** All that was told, in order: nodes, services, and turns. */
  let told: string[];
  let others: OtherHosts;

  beforeEach(async () => {
    clock = new ManualClock();
    broker = new MemoryBroker({ monotonic_ms: () => clock.monotonic_ms() });
    there = new Set(['a', 'b']);
    isOurTurn = false;
    told = [];
    [bus] = await Promise.all([connected(), connected().then((other) => (speaker = new Wire(other, () => {})))]);
    others = new OtherHosts({
      ...{ wire: new Wire(bus, () => {}), clock, log: pino({ level: 'silent' }), monitor: 'a' },
      turn: {
        get speaks() {
          return isOurTurn;
        },
        onChange(listener) {
          turnListener = listener;
          return () => (turnListener = undefined);
        },
        get monitors() {
          return there;
        },
        prefer() {},
      },
      onServices: (services) =>
        told.push(`has ${services.map(({ node, type, name }) => `${node} ${type}/${name}`).join()}`),
      onTurn: (speaks) => told.push(speaks ? 'speaks' : 'is silent'),
    });
    others.start();
  });
  afterEach(async () => {
    await others.stop();
    await Promise.all([bus.stop(), speaker.bus.stop()]);
  });

  async function connected(): Promise<MemoryBus> {
    const made = new MemoryBus(broker, { monotonic_ms: () => clock.monotonic_ms() });
    await made.start();
    return made;
  }

  function turn(speaks: boolean): void {
    isOurTurn = speaks;
    turnListener?.(speaks);
  }

  const offers = (monitor: string, name = 'wiki'): void =>
    speaker.say(channels.hostService, { monitor, type: 'http', name }, { ...SERVICE, name });

  /** Lets what is due happen until it is so. */
  const until = (assertion: () => void): Promise<void> =>
    eventually(async () => {
      await clock.advance(20);
      assertion();
    });

  it('is heard as a whole before our turn begins, and only while it lasts', async () => {
    offers('b');
    await clock.advance(20_000);
    expect(told).toEqual([]);
    turn(true);
    expect(others.speaks).toBe(false);
    await until(() => expect(told).toEqual(['has b http/wiki', 'speaks']));
    expect(others.speaks).toBe(true);
    expect(others.announces('http/wiki')).toBe(true);
    expect(others.announces('http/else')).toBe(false);
    turn(false);
    expect(others.speaks).toBe(false);
    expect(told.at(-1)).toBe('is silent');
    offers('b', 'more');
    await clock.advance(20_000);
    expect(told.at(-1)).toBe('is silent');
  });

  it('is not what we have, nor what one has that is not there and was not before', async () => {
    offers('a');
    offers('c');
    turn(true);
    await until(() => expect(told).toEqual(['has ', 'speaks']));
    expect(others.announces('http/wiki')).toBe(false);
    // Who says something is there, and who comes.
    offers('c', 'more');
    await until(() => expect(told.at(-1)).toBe('has c http/wiki,c http/more'));
  });

  it('counts while it stands for the audience, as if it had been there until now', async () => {
    offers('c');
    const { type, name } = SERVICE;
    speaker.say(channels.foundService, { type, name }, { ...SERVICE, node: 'c' });
    turn(true);
    await until(() => expect(told).toEqual(['has c http/wiki', 'speaks']));
    await clock.advance(55_000);
    expect(told.at(-1)).toBe('has c http/wiki');
    await clock.advance(15_000);
    expect(told.at(-1)).toBe('has ');
  });

  it('is heard anew after our connection broke: what was taken away meanwhile is gone', async () => {
    offers('b');
    offers('b', 'more');
    turn(true);
    await until(() => expect(told.at(-1)).toBe('speaks'));
    // The speaker would say again all that it has said.
    await speaker.bus.stop();
    broker.stop();
    await clock.advance(20);
    expect(told.at(-1)).toBe('is silent');
    expect(others.speaks).toBe(false);
    const topic = channels.hostService.topic('guaita', { monitor: 'b', type: 'http', name: 'more' });
    broker.publish({ topic, payload: '', qos: 1, retain: true });
    broker.start();
    await until(() => expect(told.slice(-2)).toEqual(['has b http/wiki', 'speaks']));
  });

  it('does not age while we do not know who is there', async () => {
    offers('b');
    turn(true);
    await until(() => expect(told.at(-1)).toBe('speaks'));
    there = new Set();
    await clock.advance(600_000);
    there = new Set(['a']);
    await clock.advance(55_000);
    expect(told.at(-1)).toBe('has b http/wiki');
    await clock.advance(15_000);
    expect(told.at(-1)).toBe('has ');
  });
});
