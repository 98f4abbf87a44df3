import { describe, expect, it } from 'vitest';
import { importOf, inventoryOf, leftOutOf, sample } from './imported.testdata.ts';

function monitor(more: object): object {
  return { id: 1, name: 'A', type: 'ping', hostname: '192.0.2.1', active: 1, ...more };
}

describe('a backup of Uptime Kuma', () => {
  it('gives its ping and SNMP monitors, with groups and tags as tags', () => {
    const imported = importOf(sample('uptime-kuma.json'));
    expect(imported.from).toBe('uptime-kuma');
    expect(inventoryOf(imported)).toEqual([
      'devices:',
      '  - name: Router',
      '    address: 192.0.2.1',
      '    tags: [home, env-prod, uplink]',
      '    ping: {interval_s: 20}',
      '  - name: Böse Küche',
      '    address: kueche.example.net',
      '    tags: [home]',
      '    ping: {size_bytes: 1400}',
      '  - name: Switch uptime',
      '    address: 192.0.2.2',
      '    tags: [home]',
      '    snmp: uptime-kuma',
    ]);
  });

  it('leaves out what is no device, what is paused and what must not answer, each with its line', () => {
    expect(leftOutOf(importOf(sample('uptime-kuma.json')))).toEqual([
      '4 notification channel: On-call phone',
      '72 HTTP monitor: Shop',
      '85 docker monitor: Database container',
      '86 TCP port monitor: Mail',
      '87 push monitor: Backup job',
      '88 ping monitor: Old printer',
      '89 ping monitor: Honeypot',
    ]);
  });

  it('may be a database, whose numbers say what is true, and whose rows have no lines', () => {
    const monitorList = [monitor({}), monitor({ id: 2, name: 'B', active: 0 }), monitor({ id: 3, type: 'http' })];
    const imported = importOf({ monitorList, maintenanceList: [{ title: 'Sundays' }], statusPageList: [] });
    expect(inventoryOf(imported)).toEqual(['devices:', '  - name: A', '    address: 192.0.2.1']);
    expect(leftOutOf(imported)).toEqual(['0 ping monitor: B', '0 HTTP monitor: A', '0 maintenance: Sundays']);
  });

  it('may have groups in groups, also in a circle', () => {
    const group = (id: number, parent: number): object => ({ id, name: `G${id}`, type: 'group', parent });
    const nested = importOf({ monitorList: [group(8, 9), group(9, 0), monitor({ parent: 8 })] });
    expect(nested.devices[0]?.device.tags).toEqual(['g9', 'g8']);
    const circle = importOf({ monitorList: [group(8, 9), group(9, 8), monitor({ parent: 8 })] });
    expect(circle.devices[0]?.device.tags).toEqual(['g9', 'g8']);
  });

  it.each(['__proto__', 'constructor', ''])('leaves out a monitor of the type %j as any other', (type) => {
    const { leftOut } = importOf({ monitorList: [monitor({ type })] });
    expect(leftOut.map(({ kind }) => kind)).toEqual([`${type || 'nameless'} monitor`]);
  });

  it('keeps no setting that does not fit, and says so', () => {
    const { devices, problems } = importOf({ monitorList: [monitor({ interval: 100_000, packetSize: 'big' })] });
    expect(devices[0]?.device.checks.ping).toMatchObject({ interval_s: 60, size_bytes: 56 });
    expect(problems.map(({ severity, message }) => [severity, message])).toEqual([
      ['note', '"A" has interval_s 100000, which does not fit; it is as by default'],
      ['note', '"A" has size_bytes "big", which does not fit; it is as by default'],
    ]);
  });
});
