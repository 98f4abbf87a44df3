import { channels, type DeviceSpec } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { VERSION } from '@guaita/service';
import { templates } from './templates.ts';

/** As long as a measurement is kept on its topic, in intervals of its check: then Home Assistant forgets it, too. */
const INTERVALS = 3;

/** Where and by whom Home Assistant is told of devices. */
export interface Discovery {
  /** The topic under which Home Assistant looks for devices. */
  readonly prefix: string;
  /** The topic under which all of ours stand. */
  readonly base: string;
  /** The monitor that says verdicts on this broker. */
  readonly speaker: Id;
}

/** Home Assistant's ids hold letters, digits, `_` and `-` alone; the base keeps two networks on one broker apart. */
function node({ base }: Pick<Discovery, 'base'>): string {
  return base.replace(/[^a-zA-Z0-9_-]/g, '_');
}

/** An id in which `_` and `.` are written so that no two ids are written alike. */
function written(id: Id): string {
  return id.replace(/[_.]/g, (sign) => (sign === '_' ? '__' : '_-'));
}

/** All topics on which Home Assistant is told of our devices. */
export function discoveryFilter(discovery: Pick<Discovery, 'prefix' | 'base'>): string {
  return `${discovery.prefix}/device/${node(discovery)}/+/config`;
}

/** The topic on which Home Assistant is told of a device. */
export function discoveryTopic(discovery: Pick<Discovery, 'prefix' | 'base'>, device: Id): string {
  return `${discovery.prefix}/device/${node(discovery)}/${written(device)}/config`;
}

/** The monitor whose measurements of a device are shown: the one that also polls it by SNMP, if it holds it. */
export function shownMonitor({ planned = [], monitors }: DeviceSpec): Id | undefined {
  return planned.find((monitor) => monitors.includes(monitor)) ?? monitors[0];
}

/**
 * What Home Assistant is told of a device: by device discovery, in one message
 * (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload). The values are taken out of the messages
 * that are there anyway.
 *
 * @param monitor the one whose measurements are shown; none where nobody has watched the device yet.
 */
export function discoveryPayload(discovery: Discovery, spec: DeviceSpec, monitor: Id | undefined): object {
  const { base, speaker } = discovery;
  const id = `${node(discovery)}_${written(spec.device)}`;
  const stateTopic = channels.state.topic(base, { device: spec.device });
  const known = { topic: stateTopic, value_template: templates.isKnown };
  const saying = {
    topic: channels.service.topic(base, { monitor: speaker, service: 'alert' }),
    value_template: templates.isOnline,
  };
  return {
    device: { identifiers: [id], name: spec.name },
    origin: { name: 'Guaita', sw_version: VERSION },
    availability: [known, saying],
    availability_mode: 'all',
    components: {
      connectivity: {
        ...{ platform: 'binary_sensor', unique_id: `${id}_connectivity`, name: 'Connectivity' },
        ...{ device_class: 'connectivity', state_topic: stateTopic, value_template: templates.connectivity },
        ...{ json_attributes_topic: stateTopic, json_attributes_template: templates.why },
      },
      ...(monitor === undefined ? {} : measured(discovery, spec, monitor, id)),
    },
  };
}

/** What a monitor measures of a device. A component of which only the platform is said is taken away. */
function measured({ base }: Discovery, spec: DeviceSpec, monitor: Id, id: string): Record<string, object> {
  const { device, checks } = spec;
  const watching = { topic: channels.cluster.topic(base, { monitor }), value_template: templates.isWatching };
  const known = { topic: channels.state.topic(base, { device }), value_template: templates.isKnown };
  const none = { platform: 'sensor' };
  const sensor = (key: string, name: string, interval_s: number, fields: object): object => ({
    ...none,
    ...{ unique_id: `${id}_${key}`, name, state_class: 'measurement', expire_after: Math.ceil(INTERVALS * interval_s) },
    ...{ availability: [known, watching], availability_mode: 'all' },
    ...fields,
  });
  const ping = (key: string, name: string, fields: object): object =>
    checks.ping === undefined
      ? none
      : sensor(key, name, checks.ping.interval_s, {
          state_topic: channels.ping.topic(base, { monitor, device }),
          ...fields,
        });
  const traffic = (key: string, name: string, direction: 'in_bps' | 'out_bps'): object =>
    checks.snmp === undefined
      ? none
      : sensor(key, name, checks.snmp.interval_s, {
          state_topic: channels.snmp.topic(base, { monitor, device }),
          value_template: templates.traffic(direction, checks.snmp.interfaces),
          ...{ device_class: 'data_rate', unit_of_measurement: 'bit/s', suggested_display_precision: 0 },
        });
  return {
    latency: ping('latency', 'Latency', {
      value_template: templates.latency,
      ...{ device_class: 'duration', unit_of_measurement: 'ms', suggested_display_precision: 1 },
    }),
    loss: ping('loss', 'Packet loss', {
      value_template: templates.loss,
      ...{ unit_of_measurement: '%', suggested_display_precision: 0 },
    }),
    traffic_in: traffic('traffic_in', 'Traffic in', 'in_bps'),
    traffic_out: traffic('traffic_out', 'Traffic out', 'out_bps'),
  };
}
