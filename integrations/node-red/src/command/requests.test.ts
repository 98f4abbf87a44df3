import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import type { Reply } from '@guaita/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Link } from '../broker/link.ts';
import { RequestError, Requests } from './requests.ts';

let broker: MemoryBroker;
let wire: Wire;
let link: Link;
let requests: Requests;

beforeEach(async () => {
  broker = new MemoryBroker();
  wire = new Wire(new MemoryBus(broker), () => undefined);
  await wire.bus.start();
  link = new Link({
    ...{ url: 'mqtt://pi-1.lan', base: 'guaita', clientId: 'node-red', warn: () => undefined },
    makeBus: (options) => new MemoryBus(broker, { ...options, clientId: 'node-red' }),
  });
  requests = new Requests(link);
});

afterEach(async () => {
  await requests.stop();
  await link.stop();
  await wire.bus.stop();
});

/** Answers commands with what each asks for. */
async function answerWith(reply: (command: Record<string, unknown>) => Reply): Promise<void> {
  await wire.bus.subscribe('guaita/command/#', (message) => {
    wire.reply(message, reply(JSON.parse(new TextDecoder().decode(message.payload))));
  });
}

describe('a request', () => {
  it('gets its own answer, also beside others', async () => {
    await answerWith(({ n }) => ({ ok: true, monitor: `pi-${String(n)}` }));
    const answers = await Promise.all([1, 2, 3].map((n) => requests.ask('probe', { n }, 5)));
    expect(answers.map(({ monitor }) => monitor)).toEqual(['pi-1', 'pi-2', 'pi-3']);
  });

  it('that is refused says why', async () => {
    await answerWith(() => ({ ok: false, monitor: 'pi-1', problem: 'no such device' }));
    await expect(requests.ask('probe', {}, 5)).rejects.toThrow(new RequestError('refused: no such device'));
  });

  it.each([NaN, 0, -1, 86_401, Infinity])('with a timeout of %s is not given at all', async (timeout_s) => {
    const given: string[] = [];
    await wire.bus.subscribe('guaita/command/#', ({ topic }) => given.push(topic));
    await expect(requests.ask('probe', {}, timeout_s)).rejects.toThrow(
      new RequestError(`nothing was sent: the timeout is ${timeout_s}: give seconds up to 86400`),
    );
    expect(given).toEqual([]);
  });

  it('that is no JSON is not given, and says so', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const payload of [circle, { n: 7n }]) {
      await expect(requests.ask('probe', payload, 5)).rejects.toThrow(
        /^probe: nothing was sent: msg\.payload is no JSON \(.*\); give plain values$/,
      );
    }
  });

  it('that nobody answers says so in time', async () => {
    await expect(requests.ask('history/query', {}, 0.05)).rejects.toThrow(
      /^nobody on mqtt:\/\/pi-1\.lan answered guaita\/command\/history\/query within 0\.05 s/,
    );
  });

  it('that could not be sent says so, and is not sent later', async () => {
    const given: string[] = [];
    await wire.bus.subscribe('guaita/command/#', ({ topic }) => given.push(topic));
    await link.whenConnected();
    broker.bar('node-red');
    await eventually(() => expect(link.connected).toBe(false));
    await expect(requests.ask('probe', {}, 0.05)).rejects.toThrow(/^nothing was sent within 0\.05 s/);
    broker.admit('node-red');
    await eventually(() => expect(link.connected).toBe(true));
    await answerWith(() => ({ ok: true, monitor: 'pi-1' }));
    await requests.ask('silence/add', {}, 5);
    expect(given).toEqual(['guaita/command/silence/add']);
  });

  it('that waits when the flow is stopped ends', async () => {
    const asked = expect(requests.ask('probe', {}, 60)).rejects.toThrow('the flow was stopped before the answer came');
    await requests.stop();
    await asked;
  });
});
