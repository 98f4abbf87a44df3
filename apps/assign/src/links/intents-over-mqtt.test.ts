import { MqttBus } from '@guaita/bus';
import { compareStamps, digestOf, intentKey, type LinkMessage } from '@guaita/cluster';
import { type Mosquitto, startMosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { bucketLevel, partIntents, unpackIntents } from '@guaita/messages';
import type { Device, Intent } from '@guaita/model';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { MqttLink } from './mqtt-link.ts';

/** What the embedded broker takes, and what some give Mosquitto. */
const LIMIT_bytes = 2 * 2 ** 20;
const BUCKET = 17;
const TOPIC = `guaita/monitor/one/intents/${bucketLevel(BUCKET)}`;

let broker: Mosquitto | undefined;
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function device(id: string, addresses = 1): Device {
  const host = (n: number): string => `${`${id}-${n}.`.padEnd(240, 'long-name.')}net`;
  return {
    ...{ device: id, name: id, parents: [], tags: [], checks: {} },
    addresses: Array.from({ length: addresses }, (_, n) => host(n)),
  };
}

function fed(entry: Device, at_ms: number, feeder = 'one'): Intent {
  const stamp = { at_ms, counter: 0, writer: feeder };
  return { kind: 'device', subject: entry.device, feeder, stamp, wanted: true, device: entry };
}

/** The rule of the join: of each thing the newest. */
function joined(...parts: readonly Iterable<Intent>[]): Intent[] {
  const newest = new Map<string, Intent>();
  for (const intent of parts.flatMap((part) => [...part])) {
    const known = newest.get(intentKey(intent));
    if (known === undefined || compareStamps(known.stamp, intent.stamp) < 0) newest.set(intentKey(intent), intent);
  }
  return [...newest.values()];
}

/** A link to the broker, and all intents that it has told, joined. */
async function start(monitor: string, incarnation = 1) {
  const url = (broker as Mosquitto).url;
  const messages: Extract<LinkMessage, { kind: 'intents' }>[] = [];
  let bus: MqttBus | undefined;
  const link = new MqttLink({
    ...{ monitor, incarnation, base: 'guaita', log: pino({ level: 'silent' }) },
    connect: (will) => (bus = new MqttBus({ url, clientId: `${monitor}-${incarnation}`, will, log: () => {} })),
  });
  await link.start(
    { heard: (message) => void (message.kind === 'intents' && messages.push(message)), connected: () => {} },
    new AbortController().signal,
  );
  ends.push(() => link.stop());
  await eventually(() => expect(bus?.connected).toBe(true));
  const say = (intents: readonly Intent[]): Promise<void> => {
    link.say({ kind: 'intents', monitor, bucket: BUCKET, intents, digest: digestOf(intents) });
    return (bus as MqttBus).flushed();
  };
  return { link, say, messages, digest: () => digestOf(joined(...messages.map(({ intents }) => intents))) };
}

/** The topics under which the broker keeps intents of "one". */
async function kept(): Promise<string[]> {
  const topics: string[] = [];
  const bus = new MqttBus({ url: (broker as Mosquitto).url, clientId: 'onlooker', log: () => {} });
  await bus.subscribe('guaita/monitor/one/intents/+', ({ topic }) => topics.push(topic), { qos: 1 });
  await bus.start();
  // What is kept comes before what is said after it.
  const last = new Promise((resolve) => void bus.subscribe('last', resolve));
  await eventually(() => {
    bus.publish({ topic: 'last', payload: '.', qos: 1, retain: false });
  });
  await last;
  await bus.stop();
  return topics.sort();
}

test('parts of a bucket in any order, doubled, and lost and said again, give the same intents', () => {
  const anyIntent = fc
    .record({ subject: fc.constantFrom('a', 'b', 'c', 'd'), feeder: fc.constantFrom('one', 'two'), at_ms: fc.nat(5) })
    .map(({ subject, feeder, at_ms }) => fed(device(subject), at_ms, feeder));
  fc.assert(
    fc.property(
      fc.array(anyIntent),
      fc.integer({ min: 1, max: 2_000 }),
      fc.infiniteStream(fc.nat()),
      (all, limit, dice) => {
        const intents = joined(all);
        const parts = partIntents(intents, digestOf(intents), limit).map((part) => [
          ...unpackIntents(JSON.parse(JSON.stringify(part)) as typeof part),
        ]);
        const die = (sides: number): number => dice.next().value % sides;
        const lost = parts.filter(() => die(3) === 0);
        const come = [...parts.filter((part) => !lost.includes(part)), ...parts.filter(() => die(3) === 0), ...lost];
        come.sort(() => die(3) - 1);
        expect(digestOf(joined(...come))).toBe(digestOf(intents));
      },
    ),
  );
});

describe('a bucket of intents above the packet limit of a real broker', { timeout: 60_000 }, () => {
  const large = Array.from({ length: 700 }, (_, n) => fed(device(`device-${n}`, 16), 1));
  const fewer = large.slice(0, 300);

  test('reaches others in parts; those that are needed no longer are taken away, also by the next life', async () => {
    broker = await startMosquitto({ config: `allow_anonymous true\nmessage_size_limit ${LIMIT_bytes}` });
    ends.push(async () => broker?.stop());
    expect(JSON.stringify(large).length).toBeGreaterThan(LIMIT_bytes);
    const [one, two] = [await start('one'), await start('two')];
    await one.say(large);
    await eventually(() => expect(two.digest()).toBe(digestOf(large)));
    for (const { digest } of two.messages) expect(digest).toBe(digestOf(large));
    const parts = await kept();
    expect(parts.length).toBeGreaterThan(4);

    await one.say(fewer);
    const left = await kept();
    expect(left.length).toBeLessThan(parts.length);
    const late = await start('late');
    await eventually(() => expect(late.digest()).toBe(digestOf(fewer)));

    // The next life knows what it left by the broker alone.
    await one.link.stop();
    const again = await start('one', 2);
    await eventually(() => expect(again.digest()).toBe(digestOf(fewer)));
    await again.say(large.slice(0, 1));
    expect(await kept()).toEqual([TOPIC]);
    const later = await start('later');
    await eventually(() => expect(later.digest()).toBe(digestOf(large.slice(0, 1))));

    // Another has said all of it.
    await again.say([]);
    expect(await kept()).toEqual([]);
  });
});
