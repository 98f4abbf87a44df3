import { eventually } from '@guaita/lab/eventually';
import { channels, type PayloadError } from '@guaita/messages';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { MessageHandler } from './bus.ts';
import { MemoryBroker } from './memory-broker.ts';
import { MemoryBus } from './memory-bus.ts';
import { Wire, type Heard } from './wire.ts';

async function pair(): Promise<{ broker: MemoryBroker; speaker: Wire; listener: Wire; invalid: PayloadError[] }> {
  const broker = new MemoryBroker();
  const invalid: PayloadError[] = [];
  const wires = [0, 1].map(() => new Wire(new MemoryBus(broker), (error) => invalid.push(error)));
  const [speaker, listener] = wires as [Wire, Wire];
  await Promise.all(wires.map(({ bus }) => bus.start()));
  return { broker, speaker, listener, invalid };
}

const AT = '2026-01-01T00:00:00.000Z';

describe('the wire', { timeout: 60_000 }, () => {
  test('what is said on a channel is heard as it was said, with its parameters', async () => {
    const { speaker, listener, invalid, broker } = await pair();
    const heard: unknown[] = [];
    await listener.hear(channels.service, { service: 'ping' }, ({ parameters, value }) =>
      heard.push({ parameters, value }),
    );
    speaker.say(channels.service, { monitor: 'one', service: 'ping' }, { state: 'online', at: AT });
    speaker.say(channels.service, { monitor: 'one', service: 'snmp' }, { state: 'online', at: AT });
    await speaker.bus.flushed();
    await eventually(() => expect(heard).toHaveLength(1));
    expect(heard).toEqual([{ parameters: { monitor: 'one', service: 'ping' }, value: { state: 'online', at: AT } }]);
    expect(invalid).toEqual([]);
    expect([...broker.retained.keys()]).toEqual(['guaita/monitor/one/service/ping', 'guaita/monitor/one/service/snmp']);
  });

  test('over another connection it is heard in the same way', async () => {
    const { broker, speaker, listener, invalid } = await pair();
    const bus = new MemoryBus(broker);
    await bus.start();
    const heard: unknown[] = [];
    await listener.over(bus).hear(channels.service, {}, ({ parameters }) => heard.push(parameters));
    speaker.say(channels.service, { monitor: 'one', service: 'ping' }, { state: 'online', at: AT });
    broker.publish({ topic: 'guaita/monitor/one/service/snmp', payload: 'online', qos: 1, retain: false });
    await eventually(() => expect(invalid.map(({ topic }) => topic)).toEqual(['guaita/monitor/one/service/snmp']));
    expect(heard).toEqual([{ monitor: 'one', service: 'ping' }]);
    await bus.stop();
  });

  test('a message cleared is heard as no value, where the channel can be cleared', async () => {
    const { speaker, listener, invalid, broker } = await pair();
    const heard: unknown[] = [];
    await listener.hear(channels.presence, {}, ({ value }) => heard.push(value));
    await listener.hear(channels.service, {}, ({ value }) => heard.push(value));
    speaker.clear(channels.presence, { monitor: 'one', service: 'ping', instance: 'a' });
    speaker.clear(channels.service, { monitor: 'one', service: 'ping' });
    await eventually(() => expect(invalid).toHaveLength(1));
    expect(heard).toEqual([undefined]);
    expect(broker.retained.size).toBe(0);
  });

  test('a command is answered where its asker wants it, and only below the reply level', async () => {
    const { broker, speaker, listener } = await pair();
    const answers: unknown[] = [];
    await speaker.hear(channels.reply, {}, ({ parameters, value, message: { correlationData } }) =>
      answers.push({ ...parameters, value, correlationData: Buffer.from(correlationData ?? []).toString() }),
    );
    const answered: boolean[] = [];
    await listener.hear(channels.forgetMonitor, {}, ({ message }) =>
      answered.push(listener.reply(message, { ok: true, monitor: 'one' })),
    );
    const command = {
      topic: 'guaita/command/monitors/forget',
      payload: '{"monitor":"old"}',
      qos: 1,
      retain: false,
    } as const;
    const correlationData = Buffer.from('7');
    for (const responseTopic of ['guaita/reply/ada/1', 'guaita/command/devices/remove', 'guaita/reply', 'other']) {
      broker.publish({ ...command, responseTopic, correlationData });
    }
    broker.publish(command);
    await eventually(() => expect(answered).toEqual([true, false, false, false, false]));
    const answer = { user: 'ada', request: '1', value: { ok: true, monitor: 'one' }, correlationData: '7' };
    await eventually(() => expect(answers).toEqual([answer]));
  });

  test.each([
    ['text that is not JSON', 'online'],
    ['JSON that is not what the schema says', '{"state":"asleep"}'],
  ])('%s reaches onInvalid, named with its topic, and no handler', async (_, payload) => {
    const { broker, listener, invalid } = await pair();
    const handler = vi.fn();
    await listener.hear(channels.service, {}, handler);
    broker.publish({ topic: 'guaita/monitor/one/service/ping', payload, qos: 1, retain: false });
    await eventually(() => expect(invalid).toHaveLength(1));
    expect(invalid[0]?.topic).toBe('guaita/monitor/one/service/ping');
    expect(handler).not.toHaveBeenCalled();
  });

  test('bytes that are not UTF-8 reach onInvalid, also where the JSON around them says all', async () => {
    const { listener, invalid } = await pair();
    let deliver: MessageHandler | undefined;
    vi.spyOn(listener.bus, 'subscribe').mockImplementation(async (_filter, handler) => {
      deliver = handler;
      return () => Promise.resolve();
    });
    const handler = vi.fn();
    await listener.hear(channels.service, {}, handler);
    const said = (note: Buffer): void => {
      const payload = Buffer.concat([Buffer.from(`{"state":"online","at":"${AT}","note":"`), note, Buffer.from('"}')]);
      deliver?.({ topic: 'guaita/monitor/one/service/ping', payload, retain: false, qos: 1 });
    };
    said(Buffer.from([0xff, 0xfe]));
    expect(handler).not.toHaveBeenCalled();
    expect(invalid.map(({ topic }) => topic)).toEqual(['guaita/monitor/one/service/ping']);
    said(Buffer.from('é'));
    expect(handler).toHaveBeenCalledOnce();
  });

  test('a topic whose parameter is no id reaches onInvalid and no handler', async () => {
    const { broker, listener, invalid } = await pair();
    const handler = vi.fn();
    await listener.hear(channels.service, {}, handler);
    broker.publish({ topic: 'guaita/monitor/One/service/ping', payload: '{}', qos: 1, retain: false });
    await eventually(() => expect(invalid).toHaveLength(1));
    expect(handler).not.toHaveBeenCalled();
  });

  test(
    '100,000 hostile topics and payloads: whatever is heard is valid, and nothing else happens',
    { timeout: 300_000 },
    async () => {
      const { broker, listener, invalid } = await pair();
      let valid = 0;
      const check = ({
        parameters,
        value,
        message,
      }: Heard<string, (typeof channels)['ping']['definition']['payload']>): void => {
        valid += 1;
        expect(channels.ping.topic('guaita', parameters as { monitor: string; device: string })).toBe(message.topic);
        if (value !== undefined) channels.ping.definition.payload.parse(value);
      };
      await listener.hear(channels.ping, {}, check);
      const observation = {
        at: AT,
        address: '10.0.0.1',
        state: 'up',
        sent: 1,
        received: 1,
        loss_percent: 0,
        rtt_min_ms: 1,
        rtt_avg_ms: 1,
        rtt_max_ms: 1,
        jitter_ms: null,
      };
      const name = fc.oneof(
        fc.constantFrom('one', 'r1', '..', 'A', '', '$x', 'é', 'x'.repeat(64)),
        fc.string({ unit: 'binary' }),
      );
      const mutated = fc
        .tuple(fc.constantFrom(...Object.keys(observation)), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
        .map(([key, value]) => JSON.stringify({ ...observation, [key]: value }));
      const payload = fc.oneof(
        fc.constant(JSON.stringify(observation)),
        mutated,
        fc.json(),
        fc.string({ unit: 'binary' }),
        fc.constant(''),
        fc.constant('{"__proto__":{"state":"up"}}'),
        fc.constant('['.repeat(20_000)),
      );
      let sent = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(name, name, payload), { minLength: 100, maxLength: 100 }),
          async (messages) => {
            const before = valid + invalid.length;
            let matching = 0;
            for (const [monitor, device, text] of messages) {
              const topic = `guaita/monitor/${monitor}/ping/${device}`;
              if (topic.split('/').length === 5) matching += 1;
              sent += 1;
              broker.publish({ topic, payload: text, qos: 1, retain: false });
            }
            await new Promise((resolve) => setImmediate(resolve));
            expect(valid + invalid.length - before).toBe(matching);
            invalid.splice(0, invalid.length);
            valid = 0;
          },
        ),
        { numRuns: 1_000, endOnFailure: true },
      );
      expect(sent).toBeGreaterThanOrEqual(100_000);
    },
  );
});
