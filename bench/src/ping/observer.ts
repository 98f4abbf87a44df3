// Runs inside the namespace: assigns the devices that it reads from its input, one `id address` a line, and prints each
// observation as `<milliseconds since 1970> <device> <state>`.
import { text } from 'node:stream/consumers';
import { MqttBus, Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import { PING_DEFAULTS } from '@guaita/model';

const [url = '', monitor = '', interval = ''] = process.argv.slice(2);
const bus = new MqttBus({ url, clientId: 'observer' });
const wire = new Wire(bus, (error) => {
  throw error;
});
await wire.hear(channels.ping, { monitor }, ({ parameters, value }) => {
  if (value !== undefined) process.stdout.write(`${Date.parse(value.at)} ${parameters.device} ${value.state}\n`);
});
await bus.start();
for (const line of (await text(process.stdin)).trim().split('\n')) {
  const [device = '', address = ''] = line.split(' ');
  const ping = { ...PING_DEFAULTS, interval_s: Number(interval), count: 1 };
  wire.say(channels.assigned, { monitor, device }, { name: device, addresses: [address], checks: { ping } });
}
await bus.flushed();
process.stdout.write('assigned\n');
