import { describe, expect, it } from 'vitest';
import { importOf, inventoryOf, leftOutOf, mistakesOf, sample } from './imported.testdata.ts';

describe('an answer of LibreNMS', () => {
  const imported = importOf(sample('librenms.json'));

  it('gives devices as LibreNMS shows them, with parents, location, type and system', () => {
    expect(imported.from).toBe('librenms');
    expect(inventoryOf(imported)).toEqual([
      'devices:',
      '  - name: core.example.net',
      '    addresses: [core.example.net, 192.0.2.1]',
      '    tags: [location-rack-1, type-network, os-ios]',
      '    snmp: librenms',
      '  - name: access-1.example.net',
      '    address: 192.0.2.2',
      '    parents: [core.example.net]',
      '    tags: [location-rack-1, type-network, os-procurve]',
      '    snmp: {profile: librenms-2, port: 1161}',
      '  - name: Camera at the gate',
      '    address: 192.0.2.33',
      '    parents: [access-1.example.net]',
      '    tags: [os-ping]',
    ]);
  });

  it('leaves out what is disabled, parents that are, LibreNMS itself and settings that mean nothing here', () => {
    expect(leftOutOf(imported)).toEqual([
      '26 poller group: 2 of access-1.example.net',
      '26 ignored alerts: of access-1.example.net',
      '52 parent: 4 of Camera at the gate',
      '68 device: old.example.net',
      '77 device: localhost',
    ]);
  });

  it('names one profile for each set of credentials, or the one that is asked for, or none', () => {
    expect(imported.profiles).toEqual([
      { profile: 'librenms', devices: 1, like: 'core.example.net', version: 'v2c' },
      { profile: 'librenms-2', devices: 1, like: 'access-1.example.net', version: 'v3' },
    ]);
    const one = importOf(sample('librenms.json'), { snmp: 'switches' });
    expect(one.profiles).toMatchObject([{ profile: 'switches', devices: 2 }]);
    expect(one.devices.map(({ device }) => device.checks.snmp?.profile)).toEqual(['switches', 'switches', undefined]);
    const none = importOf(sample('librenms.json'), { snmp: false });
    expect(none.profiles).toEqual([]);
    expect(none.devices.every(({ device }) => device.checks.snmp === undefined)).toBe(true);
  });

  it('may write its numbers as text, as older versions do', () => {
    const text = JSON.stringify({
      status: 'ok',
      devices: [
        { device_id: '1', hostname: 'a', disabled: '0', snmp_disable: '0', port: '161', display: '{{ $sysName }}' },
        { device_id: '2', hostname: 'b', disabled: '1' },
        { device_id: '3', hostname: 'c', disabled: '0', snmp_disable: '1', dependency_parent_id: '1' },
      ],
    });
    expect(inventoryOf(importOf(text))).toEqual([
      'devices:',
      '  - name: a',
      '    address: a',
      '    snmp: librenms',
      '  - name: c',
      '    address: c',
      '    parents: [a]',
    ]);
  });

  it('is refused where parents go in a circle, and where it is a refusal', () => {
    const devices = [1, 2].map((id) => ({ device_id: id, hostname: `d${id}`, dependency_parent_id: `${3 - id}` }));
    expect(mistakesOf(importOf(JSON.stringify({ status: 'ok', devices })))).toEqual([
      'export:1 devices[0]: goes in a circle: d1 → d2 → d1; take one of these parents out',
    ]);
    expect(mistakesOf(importOf('{"status":"error","message":"Unauthenticated."}'))).toEqual([
      "export:1 message: holds no devices but LibreNMS' refusal: Unauthenticated.; mend that and ask again",
    ]);
  });
});
