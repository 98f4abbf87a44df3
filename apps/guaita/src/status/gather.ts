import type { Wire } from '@guaita/bus';
import { channels, type DeviceSpec, type MonitorView } from '@guaita/messages';
import type { Header, Id } from '@guaita/model';
import { hearKept } from './hear-kept.ts';
import type { Known } from './known.ts';

/** Hears all that a broker keeps of the cluster. */
export async function gather(wire: Wire): Promise<Known> {
  const monitors = new Map<Id, MonitorView>();
  const devices = new Map<Id, DeviceSpec>();
  const headers = new Map<Id, Header>();
  const ended = new Map<Id, 'offline'>();
  const present = new Map<string, Id>();
  await hearKept((heard) => {
    const note = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value | undefined, stored: boolean): void => {
      if (value === undefined) map.delete(key);
      else map.set(key, value);
      // What is said anew, such as each beat, is no part of what is kept.
      if (stored) heard();
    };
    return Promise.all([
      wire.hear(channels.cluster, {}, ({ parameters, value, message }) => {
        note(monitors, parameters.monitor, value, message.retain);
      }),
      wire.hear(channels.spec, {}, ({ parameters, value, message }) => {
        note(devices, parameters.device, value, message.retain);
      }),
      wire.hear(channels.status, {}, ({ parameters, value, message }) => {
        note(headers, parameters.monitor, value?.state === 'online' ? value : undefined, message.retain);
        note(ended, parameters.monitor, value?.state === 'offline' ? value.state : undefined, message.retain);
      }),
      wire.hear(channels.presence, { service: 'assign' }, ({ parameters, value, message }) => {
        const { monitor, instance } = parameters;
        note(present, `${monitor}/${instance}`, value === undefined ? undefined : monitor, message.retain);
      }),
    ]);
  });
  return { monitors, devices, headers, ended: new Set(ended.keys()), present: [...new Set(present.values())].sort() };
}
