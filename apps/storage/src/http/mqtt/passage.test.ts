import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { generate, parser, type Packet } from 'mqtt-packet';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { Gate } from './gate.ts';
import { Passage } from './passage.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page's WebSocket, as far as a passage uses it. */
class Browser extends EventEmitter {
  readonly sent: Buffer[] = [];
  ended: string | undefined;
  pings = 0;
  reads = true;

  send(bytes: Buffer, done: () => void): void {
    this.sent.push(bytes);
    if (this.reads) done();
  }

  ping(): void {
    this.pings += 1;
  }

  close(code: number, reason = ''): void {
    this.ended ??= `${code} ${reason}`;
  }

  terminate(): void {
    this.emit('close');
  }
}

function open() {
  const browser = new Browser();
  const broker = new PassThrough();
  const gate = new Gate({ base: 'guaita', clientId: 'page', username: undefined, password: undefined });
  const troubles: string[] = [];
  const passage = new Passage({
    browser: browser as unknown as WebSocket,
    gate,
    openBroker: () => broker,
    onTrouble: (why) => troubles.push(why),
    onBacklog: () => {},
  });
  const written: Buffer[] = [];
  broker.write = ((bytes: Buffer) => {
    written.push(bytes);
    return true;
  }) as typeof broker.write;
  passage.open();
  return { browser, broker, passage, troubles, written };
}

const CONNECT = generate({ cmd: 'connect', protocolVersion: 5, clientId: 'x', clean: true, keepalive: 0 });

/** What a broker reads of some bytes. */
function read(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 5 });
  reader.on('packet', (packet) => packets.push(packet));
  reader.parse(bytes);
  return packets;
}

describe('a passage', () => {
  it('ends where no connection is made within 10 s: by the page, or by the broker', () => {
    for (const first of [[], [CONNECT]]) {
      const { browser, troubles } = open();
      for (const bytes of first) browser.emit('message', bytes, true);
      vi.advanceTimersByTime(10_000);
      expect(troubles).toEqual(['no MQTT connection within 10 s']);
      expect(browser.ended).toMatch(/^1008/);
    }
  });

  it('stays where one is made', () => {
    const { browser, broker, troubles } = open();
    browser.emit('message', CONNECT, true);
    broker.emit('data', generate({ cmd: 'connack', reasonCode: 0, sessionPresent: false }, { protocolVersion: 5 }));
    vi.advanceTimersByTime(60_000);
    expect(troubles).toEqual([]);
    expect(browser.sent).toHaveLength(1);
  });

  it('ends where the page neither answers nor reads anything between two looks', () => {
    const { browser, broker, passage, troubles } = open();
    browser.emit('message', CONNECT, true);
    passage.probe();
    browser.emit('pong');
    passage.probe();
    broker.emit('data', Buffer.from('c000', 'hex'));
    passage.probe();
    expect(troubles).toEqual([]);
    browser.reads = false;
    broker.emit('data', Buffer.from('c000', 'hex'));
    passage.probe();
    expect(troubles).toEqual(['the page reads nothing any more']);
    expect(browser.pings).toBe(3);
  });

  it('ends with the page, and with the broker, which may be back in a moment', () => {
    const first = open();
    first.browser.emit('message', CONNECT, true);
    first.browser.emit('close');
    expect(first.broker.destroyed).toBe(true);
    const second = open();
    second.browser.emit('message', CONNECT, true);
    second.broker.emit('error', new Error('ECONNREFUSED'));
    expect(second.browser.ended).toBe('1013 the broker: ECONNREFUSED');
  });

  it('lets nothing reach the broker but what a page may say, whatever bytes come in whatever pieces', () => {
    const packet = fc.constantFrom<Packet>(
      { cmd: 'publish', topic: 'guaita/command/ack', payload: '{}', qos: 0, dup: false, retain: true },
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'guaita/device/+/state', qos: 0 }] },
      { cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'guaita/host/#', qos: 0 }] },
      { cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['a'] },
      { cmd: 'puback', messageId: 4 },
      { cmd: 'pingreq' },
      { cmd: 'pubrel', messageId: 5 },
      { cmd: 'disconnect', reasonCode: 4 },
    );
    const bytes = fc.oneof(
      { weight: 3, arbitrary: packet.map((each) => generate(each, { protocolVersion: 5 })) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)) },
      { weight: 1, arbitrary: fc.constant(CONNECT) },
    );
    const pieces = fc.array(bytes, { maxLength: 8 }).chain((all) => {
      const whole = Buffer.concat([CONNECT, ...all]);
      return fc.array(fc.nat(whole.length), { maxLength: 4 }).map((cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), whole.length];
        return ends.slice(1).map((end, at) => whole.subarray(ends[at], end));
      });
    });
    fc.assert(
      fc.property(pieces, (all) => {
        const { browser, written } = open();
        for (const piece of all) browser.emit('message', piece, true);
        for (const [index, each] of read(Buffer.concat(written)).entries()) {
          expect(index === 0 ? ['connect'] : ['subscribe', 'unsubscribe', 'puback', 'pingreq', 'disconnect']).toContain(
            each.cmd,
          );
          if (each.cmd === 'subscribe')
            for (const { topic } of each.subscriptions) expect(topic).toMatch(/^guaita\/(?!host|command|reply|[+#])/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
