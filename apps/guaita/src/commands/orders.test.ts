import { MemoryBroker, MemoryBus, Wire, type IncomingMessage } from '@guaita/bus';
import { channels, type Reply } from '@guaita/messages';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { giveOrders, type Order, type Outcome } from './orders.ts';

let wires: Wire[];
beforeEach(async () => {
  const broker = new MemoryBroker();
  wires = [0, 1].map(() => new Wire(new MemoryBus(broker), (error) => expect.unreachable(error.message)));
  await Promise.all(wires.map(({ bus }) => bus.start()));
});
afterEach(async () => {
  await Promise.all(wires.map(({ bus }) => bus.stop()));
});

const ORDERS = ['a', 'b', 'c'].map((device): Order => {
  return { channel: channels.removeDevices, payload: { devices: [device] }, about: [device] };
});
const REFUSED = { ok: false, monitor: 'pi-2', problem: 'device "b" is not known' } as const;
const DONE = { ok: true, monitor: 'pi-1' } as const;

/** Gives three orders to a monitor that answers by device; `undefined` is no answer. */
async function give(answers: (device: string) => readonly Reply[]): Promise<Outcome> {
  const [asking, answering] = wires as [Wire, Wire];
  const obey = (message: IncomingMessage): void => {
    const { devices } = channels.removeDevices.decode(message.topic, message.payload);
    for (const reply of answers(devices[0] ?? '')) answering.reply(message, reply);
  };
  await answering.bus.subscribe(channels.removeDevices.filter(answering.base), obey);
  return await giveOrders(asking, ORDERS, { user: 'ada', url: 'mqtt://here', patience_ms: 200 });
}

it('are all done where each is answered so', async () => {
  const all = { ok: true, monitor: 'pi-1', done: ['a', 'b', 'c'], unsure: [], not_done: [] };
  expect(await give(() => [DONE])).toEqual(all);
});

it('end with one that is refused: what came before is done, the rest is not', async () => {
  expect(await give((device) => [device === 'b' ? REFUSED : DONE])).toEqual({
    ...{ ok: false, monitor: 'pi-2', problem: 'device "b" is not known' },
    ...{ done: ['a'], unsure: [], not_done: ['b', 'c'] },
  });
});

it('end with one that nobody answers, of which nobody knows', async () => {
  expect(await give((device) => (device === 'b' ? [] : [DONE]))).toEqual({
    ...{ ok: false, monitor: 'pi-1', done: ['a'], unsure: ['b'], not_done: ['c'] },
    problem: 'nobody on mqtt://here answered within 0.2 s, so it may not be done: see "guaita status"',
  });
});

it('are not taken for done on the word of an earlier answer that comes twice', async () => {
  const { done } = await give((device) => (device === 'a' ? [DONE, DONE] : [REFUSED]));
  expect(done).toEqual(['a']);
});
