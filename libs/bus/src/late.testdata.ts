import { createInterface } from 'node:readline';
import { MqttBus } from './mqtt-bus.ts';

/** Connects to the broker of its argument, does what stands on each line of its input, and says on a line what it has done. */
const [url = ''] = process.argv.slice(2);
const bus = new MqttBus({ url, clientId: 'speaker', log: () => {} });
bus.onConnection((connected) => console.log(connected ? 'connected' : 'disconnected'));
await bus.start();
for await (const line of createInterface(process.stdin)) {
  const [verb, topic = ''] = line.split(' ');
  if (verb === 'say') bus.publish({ topic, payload: 'x', qos: 1, retain: false });
  else if (verb === 'forget') bus.forget(topic);
  else bus.sever('a test wants it');
  // What is published is written in the next tick.
  setImmediate(() => console.log(line));
}
