import { channels } from '@guaita/messages';
import { hear, linkOf } from '../broker/broker-node.ts';
import type { Message, Red } from '../red.ts';
import { wordsOf } from '../words.ts';
import { DeviceWatch, type DeviceChange } from './device-watch.ts';

/** The dialog of a device node: lists are words. */
interface DeviceNodeConfig {
  readonly broker: string;
  readonly devices: string;
  readonly tags: string;
  /** Also send the state in which each device is found. */
  readonly initial: boolean;
}

/**
 * A broker that has restarted empty is told everything again by monitors that look for it every 15 s; until they have, a
 * device of which it says nothing is not gone.
 */
const PATIENCE_ms = 60_000;

/** Registers *guaita device*, which sends changes of state, and current states when it is asked. */
export function registerDevice(RED: Red): void {
  RED.nodes.registerType<DeviceNodeConfig>('guaita-device', function (config) {
    RED.nodes.createNode(this, config);
    const link = linkOf(RED, this, config.broker);
    if (link === undefined) return;
    const devices = wordsOf(config.devices);
    const watch = new DeviceWatch({ devices, tags: wordsOf(config.tags) });
    const tell = (change: DeviceChange | undefined): void => {
      if (change === undefined || (change.previous === undefined && !config.initial)) return;
      this.send([{ topic: channels.state.topic(link.base, { device: change.device }), payload: change }, null]);
    };
    for (const channel of [channels.spec, channels.state]) {
      // A single device is subscribed alone: there may be thousands beside it.
      const only = devices.length === 1 ? devices[0] : undefined;
      const filter = channel.filter(link.base, only === undefined ? {} : { device: only });
      hear(this, link, filter, ({ topic, value }) => {
        const device = channel.parse(link.base, topic)?.device;
        if (device !== undefined)
          tell(channel === channels.spec ? watch.spec(device, value) : watch.state(device, value));
      });
    }

    let sweeping: NodeJS.Timeout | undefined;
    const unlisten = link.bus.onConnection((connected) => {
      clearTimeout(sweeping);
      if (!connected) watch.reconnected();
      else sweeping = setTimeout(() => watch.sweep().forEach(tell), PATIENCE_ms);
    });
    this.on('close', (done) => {
      clearTimeout(sweeping);
      unlisten();
      done();
    });

    this.on('input', (message: Message, send, done) => {
      const one = devices.length === 1 ? devices[0] : undefined;
      const asked = typeof message['device'] === 'string' ? message['device'] : one;
      const payload = asked === undefined ? watch.all() : watch.get(asked);
      if (payload === undefined) {
        const cause = link.connected ? 'no monitor has judged it yet' : `${link.url} is not connected`;
        done(new Error(`nothing is known of device ${asked}: it is in no inventory, not chosen here, or ${cause}`));
        return;
      }
      send([null, { ...message, payload, connected: link.connected }]);
      done();
    });
  });
}
