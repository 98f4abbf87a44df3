import type { SnmpObservation } from '@guaita/model';
import { DISPUTE_ms, TRAFFIC_bps } from './demo-history.ts';
import type { DemoNetwork } from './demo-network.ts';

const HOUR_ms = 3_600_000;

/** What is amiss at the site in the pictures: a bit of everything that the page can show. */
export function sayTroubles(network: DemoNetwork, now_ms = Date.now()): void {
  const first = (id: string): string => network.devices.find((device) => device.id === id)!.spec.monitors[0]!;
  const iso = (ago_ms: number): string => new Date(now_ms - ago_ms).toISOString();
  network.state('radio-1-3', 'down', now_ms - 14 * 60_000);
  for (const { id, spec } of network.devices) {
    if (spec.parents.includes('radio-1-3')) network.state(id, 'unreachable', now_ms - 13 * 60_000);
  }
  network.state('home-12', 'down', now_ms - 3 * HOUR_ms);
  network.state('radio-2-5', 'disputed', now_ms - 6 * 60_000);
  network.state('home-41', 'disputed', now_ms - 40 * 60_000, { flapping: true });
  network.state('backbone-2', 'maintenance', now_ms - HOUR_ms, {
    maintenance: { why: 'new antennas', until: iso(-2 * HOUR_ms) },
  });
  network.state('home-77', 'unknown', now_ms - 20_000);
  network.state('gateway', 'up', now_ms - DISPUTE_ms[1]);
  network.alert('radio-1-3', { since: iso(14 * 60_000) }, 1);
  network.alert(
    'home-12',
    { since: iso(3 * HOUR_ms), acknowledged: { by: 'ada', why: 'they are moving house', at: iso(HOUR_ms) } },
    2,
  );
  network.alert(
    'radio-2-5',
    {
      kind: 'disputed',
      severity: 'warning',
      since: iso(60_000),
      text: `${first('radio-2-5')} gets no reply from it, the others do, for 5 minutes`,
    },
    3,
  );
  network.alert(
    'gateway',
    {
      kind: 'utilisation',
      severity: 'warning',
      part: 'wan',
      since: iso(25 * 60_000),
      text: 'wan is 93 % in use, for 25 minutes',
    },
    4,
  );
  network.monitor('rack-2', { draining: true, leaving: 17 });
  network.snmp('gateway', 'pi-1', gateway(now_ms));
  sayServices(network, iso(40 * 60_000));
}

/** What a Serf cluster of three tells. */
function sayServices(network: DemoNetwork, failed_at: string): void {
  network.service('wiki', { port: 30_080, description: 'What we know of the radios', txt: { path: '/inici' } });
  network.service('dns', { type: 'dns', port: 53, protocol: 'udp', source: 'announcements' });
  network.service('sync-ermita', {
    ...{ type: 'syncthing', address: '10.20.9.7', port: 22_000, node: 'ermita', source: 'serf' },
    ...{ description: 'Syncthing_instance', txt: { node_id: 'ABCDEF-GHIJKL' } },
  });
  network.member('pi-1', { tags: { role: 'monitor' } });
  network.member('ermita', { address: '10.20.9.7' });
  network.member('moli', { address: 'fd00::17', status: 'failed', since: failed_at });
}

function gateway(now_ms: number): SnmpObservation {
  const port = (
    index: number,
    alias: string | null,
    speed_bps: number,
    in_bps: number,
    out_bps: number,
    errors = 0,
  ) => ({
    ...{ index, alias, type: 6, admin: 'up' as const, oper: 'up' as const, speed_bps, in_bps, out_bps },
    ...{ in_octets: 1e12, out_octets: 1e11, in_errors_per_s: errors, out_errors_per_s: 0, in_discards_per_s: 0 },
    ...{ out_discards_per_s: 0, in_multicast_per_s: 0.2, out_multicast_per_s: 0.1 },
  });
  return {
    ...{ at: new Date(now_ms - 12_000).toISOString(), address: '10.20.0.0', state: 'up', uptime_s: 41 * 86_400 + 7200 },
    ...{ name: 'gateway.example', description: 'RouterOS RB4011iGS+' },
    interfaces: {
      wan: port(1, 'fibre to the exchange', 1e9, ...TRAFFIC_bps['wan']!),
      'sfp-backbone-1': port(2, 'Backbone Molí', 1e10, ...TRAFFIC_bps['sfp-backbone-1']!),
      ether3: port(3, 'Backbone Ermita', 1e9, ...TRAFFIC_bps['ether3']!, 0.04),
      ether4: { ...port(4, null, 1e9, 0, 0), oper: 'down', admin: 'down' },
    },
    host: {
      ...{ cpu_percent: 23, load_1min: 0.4, load_5min: 0.5, load_15min: 0.5 },
      ...{ memory_total_bytes: 1.07e9, memory_available_bytes: 7.1e8, storage: {} },
    },
    sensors: { 'cpu temperature': { value: 47, unit: 'celsius', status: 'ok' } },
  };
}
