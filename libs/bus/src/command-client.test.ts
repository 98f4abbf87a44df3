import { channels, type Reply } from '@guaita/messages';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { IncomingMessage } from './bus.ts';
import { CommandClient } from './command-client.ts';
import { MemoryBroker } from './memory-broker.ts';
import { MemoryBus } from './memory-bus.ts';
import { Wire } from './wire.ts';

let wires: Wire[];
let client: CommandClient;
beforeEach(async () => {
  const broker = new MemoryBroker();
  wires = [0, 1].map(() => new Wire(new MemoryBus(broker), (error) => expect.unreachable(error.message)));
  await Promise.all(wires.map(({ bus }) => bus.start()));
  client = new CommandClient(wires[0] as Wire, 'ada');
  await client.start();
});
afterEach(async () => {
  await client.stop();
  await Promise.all(wires.map(({ bus }) => bus.stop()));
});

/** A monitor that answers each command by its device. */
async function answering(replyFor: (device: string) => Reply | undefined): Promise<void> {
  const monitor = wires[1] as Wire;
  await monitor.bus.subscribe(channels.probeDevices.filter(monitor.base), (message: IncomingMessage) => {
    const [device = ''] = channels.probeDevices.decode(message.topic, message.payload).devices;
    const reply = replyFor(device);
    if (reply !== undefined) monitor.reply(message, reply);
  });
}

it('gives each of several commands at once its own answer', async () => {
  await answering((device) => ({ ok: true, monitor: device }));
  const answers = await Promise.all(
    ['a', 'b'].map((device) => client.ask(channels.probeDevices, { devices: [device] })),
  );
  expect(answers).toEqual([
    { ok: true, monitor: 'a' },
    { ok: true, monitor: 'b' },
  ]);
});

it('gives none where nobody answers in time', async () => {
  expect(await client.ask(channels.probeDevices, { devices: ['a'] }, 20)).toBeUndefined();
});

it('lets a command expire that has waited for longer than anybody waits for its answer', async () => {
  const heard: IncomingMessage[] = [];
  await (wires[1] as Wire).bus.subscribe('guaita/command/#', (message) => heard.push(message));
  await client.ask(channels.probeDevices, { devices: ['a'] }, 20);
  expect(heard).toMatchObject([{ topic: 'guaita/command/probe', expiry_s: 1 }]);
});

it('cannot give a command once the bus has stopped', async () => {
  await wires[0]?.bus.stop();
  await expect(client.ask(channels.probeDevices, { devices: ['a'] })).rejects.toThrow('stopped');
});
