import type { DeviceSpec } from '@guaita/messages';
import { Device } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discoveryFilter, discoveryPayload, discoveryTopic, shownMonitor, type Discovery } from './discovery.ts';
import { DeviceDiscovery, DISCOVERY_TOPIC } from './documented.testdata.ts';

const WHERE: Discovery = { prefix: 'homeassistant', base: 'guaita', speaker: 'pi-1' };
const PING = { ping: { interval_s: 30 } };
const BOTH = { ...PING, snmp: { profile: 'home', interval_s: 60 } };

function spec(fields: Record<string, unknown> = {}): DeviceSpec {
  const device = Device.parse({
    device: 'attic-ap',
    name: 'Attic AP',
    addresses: ['192.0.2.7'],
    checks: PING,
    ...fields,
  });
  return { ...device, source: 'a test', monitors: ['pi-1', 'pi-2'], planned: ['pi-2', 'pi-1'] };
}

function told(fields: Record<string, unknown> = {}, monitor: string | undefined = 'pi-2', where = WHERE) {
  // As it goes over the wire.
  return DeviceDiscovery.parse(JSON.parse(JSON.stringify(discoveryPayload(where, spec(fields), monitor))));
}

describe('Home Assistant is told of a device', () => {
  it('that is pinged: whether it is reached, its round trips and its loss', () => {
    const { device, components } = told();
    expect(device).toEqual({ identifiers: ['guaita_attic-ap'], name: 'Attic AP' });
    expect(components).toMatchObject({
      connectivity: { platform: 'binary_sensor', state_topic: 'guaita/device/attic-ap/state' },
      latency: { state_topic: 'guaita/monitor/pi-2/ping/attic-ap', unit_of_measurement: 'ms', expire_after: 90 },
      loss: { state_topic: 'guaita/monitor/pi-2/ping/attic-ap', unit_of_measurement: '%', expire_after: 90 },
    });
  });

  it('that is polled by SNMP: its traffic, too', () => {
    expect(told({ checks: BOTH }).components).toMatchObject({
      traffic_in: { state_topic: 'guaita/monitor/pi-2/snmp/attic-ap', unit_of_measurement: 'bit/s', expire_after: 180 },
      traffic_out: { state_topic: 'guaita/monitor/pi-2/snmp/attic-ap', device_class: 'data_rate' },
    });
  });

  it('so that what is no longer checked goes', () => {
    const { components } = told({ checks: { snmp: { profile: 'home' } } });
    expect(components).toMatchObject({ latency: { platform: 'sensor' }, loss: { platform: 'sensor' } });
    expect(Object.keys(components['latency'] ?? {})).toEqual(['platform']);
    expect(Object.keys(told().components['traffic_in'] ?? {})).toEqual(['platform']);
  });

  it('that nobody has watched yet: only whether it is reached', () => {
    const payload = discoveryPayload(WHERE, spec(), undefined);
    expect(Object.keys(DeviceDiscovery.parse(payload).components)).toEqual(['connectivity']);
  });

  it('so that it is available while something is known of it and who says so is there', () => {
    const { availability = [], availability_mode, components } = told();
    expect(availability_mode).toBe('all');
    expect(availability.map(({ topic }) => topic)).toEqual([
      'guaita/device/attic-ap/state',
      'guaita/monitor/pi-1/service/alert',
    ]);
    expect(components['latency']).toMatchObject({
      availability: [{ topic: 'guaita/device/attic-ap/state' }, { topic: 'guaita/cluster/pi-2' }],
      availability_mode: 'all',
    });
  });

  it('under other topics, as they are configured', () => {
    const where = { prefix: 'ha/discovery', base: 'home/guaita', speaker: 'pi-1' };
    expect(discoveryTopic(where, 'attic-ap')).toBe('ha/discovery/device/home_guaita/attic-ap/config');
    expect(told({}, 'pi-2', where).device.identifiers).toEqual(['home_guaita_attic-ap']);
    expect(told({}, 'pi-2', where).components['connectivity']).toMatchObject({
      state_topic: 'home/guaita/device/attic-ap/state',
    });
  });
});

describe('the topic for a device', () => {
  it.each([
    ['attic-ap', 'homeassistant/device/guaita/attic-ap/config'],
    ['ap.attic', 'homeassistant/device/guaita/ap_-attic/config'],
    ['ap_attic', 'homeassistant/device/guaita/ap__attic/config'],
  ])('%s is one that Home Assistant takes', (device, topic) => {
    expect(discoveryTopic(WHERE, device)).toBe(topic);
    expect(topic).toMatch(DISCOVERY_TOPIC);
    expect(discoveryFilter(WHERE)).toBe('homeassistant/device/guaita/+/config');
  });

  it('is no other device’s', () => {
    const id = fc.stringMatching(/^[a-c][a-c._-]{0,6}$/);
    fc.assert(
      fc.property(id, id, (one, other) => {
        expect(discoveryTopic(WHERE, one)).toMatch(DISCOVERY_TOPIC);
        expect(discoveryTopic(WHERE, one) === discoveryTopic(WHERE, other)).toBe(one === other);
      }),
    );
  });
});

describe('shown are the measurements', () => {
  it.each([
    ['of the first that should and does hold it', ['a', 'b', 'c'], ['c', 'b'], 'b'],
    ['of any that holds it, where none of them should', ['a'], ['c', 'b'], 'c'],
    ['of nobody, where nobody holds it', ['a'], [], undefined],
    ['of any, where nothing is said of who should', undefined, ['b'], 'b'],
  ])('%s', (_, planned, monitors, shown) => {
    const { planned: __, ...rest } = spec();
    expect(shownMonitor({ ...rest, monitors, ...(planned === undefined ? {} : { planned }) })).toBe(shown);
  });
});
