import { MemoryBroker, MemoryBus } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../red.ts';
import { Link, type LinkOptions, type Received } from './link.ts';

let broker: MemoryBroker;
let monitor: MemoryBus;
let link: Link;
const warned: string[] = [];

/** Where statuses and logs need a broker that is truly away, `e2e` has one. */
function linkWith(options: Partial<LinkOptions> = {}): Link {
  return new Link({
    ...{ url: 'mqtt://pi-1.lan', base: 'guaita', clientId: 'node-red', warn: (text) => warned.push(text) },
    makeBus: (busOptions) => new MemoryBus(broker, { ...busOptions, clientId: 'node-red' }),
    ...options,
  });
}

beforeEach(async () => {
  warned.length = 0;
  broker = new MemoryBroker();
  monitor = new MemoryBus(broker);
  await monitor.start();
  link = linkWith();
});

afterEach(async () => {
  await link.stop();
  await monitor.stop();
});

function say(topic: string, payload: string, retain = false): void {
  monitor.publish({ topic, payload, qos: 1, retain });
}

describe('a link', () => {
  it('connects when somebody needs it, and tells how it is', async () => {
    expect(broker.clients).not.toContain('node-red');
    const statuses: Status['text'][] = [];
    const unfollow = link.follow(({ fill, text }) => statuses.push(`${fill} ${text}`));
    await eventually(() => expect(statuses).toEqual(['yellow connecting', 'green connected']));
    broker.stop();
    await eventually(() => expect(statuses.at(-1)).toBe('red the broker went away'));
    expect(warned.at(-1)).toContain('broke: the broker went away');
    broker.start();
    await eventually(() => expect(statuses.at(-1)).toBe('green connected'));
    const count = statuses.length;
    unfollow();
    broker.cut();
    await eventually(() => expect(link.connected).toBe(true));
    expect(statuses).toHaveLength(count);
  });

  it('hears objects, and what is cleared; of anything else the first is told in the log', async () => {
    const heard: Received[] = [];
    say('guaita/a', '{"kept":1}', true);
    await monitor.flushed();
    const { granted } = link.hear('guaita/#', (received) => heard.push(received));
    await granted;
    await eventually(() => expect(heard).toEqual([{ topic: 'guaita/a', value: { kept: 1 }, isKept: true }]));
    for (const payload of ['{', '7', '', '{"new":2}']) say('guaita/b', payload);
    await eventually(() => expect(heard).toHaveLength(3));
    expect(heard.slice(1)).toEqual([
      { topic: 'guaita/b', value: undefined, isKept: false },
      { topic: 'guaita/b', value: { new: 2 }, isKept: false },
    ]);
    expect(warned).toEqual(['guaita/b: passed over what is no JSON object; others on guaita/# are, without a word']);
  });

  it('hears nothing for who has gone, whether it was connected by then or not', async () => {
    const heard: string[] = [];
    const early = link.hear('guaita/#', () => heard.push('early'));
    await early.stop();
    const later = link.hear('guaita/#', () => heard.push('later'));
    await later.granted;
    await later.stop();
    say('guaita/a', '{}');
    await monitor.flushed();
    expect(heard).toEqual([]);
  });

  it('answers to a name that is an id, made of its user', () => {
    expect(linkWith().user).toBe('node-red');
    expect(linkWith({ username: 'Flows of Ada' }).user).toBe('flows-of-ada');
  });
});
