import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { importOf, inventoryOf, leftOutOf, mistakesOf, sample } from './imported.testdata.ts';

describe('an export of Zabbix', () => {
  it('gives hosts with the addresses of their interfaces; groups, tags and location are tags', () => {
    const imported = importOf(sample('zabbix.yaml'));
    expect(imported.from).toBe('zabbix');
    expect(inventoryOf(imported)).toEqual([
      'devices:',
      '  - name: Gateway one',
      '    address: 192.0.2.1',
      '    tags: [routers, sites-attic, env-prod, uplink, location-rack-3]',
      '    snmp: zabbix',
      '  - name: web-1',
      '    address: web-1.example.net',
      '    tags: [sites-attic]',
      '  - name: core-v3',
      '    address: 2001:db8::3',
      '    tags: [routers]',
      '    snmp: {profile: zabbix-2, port: 1161}',
    ]);
  });

  it('leaves out what is asked of agents, what is disabled and what has no address', () => {
    const { leftOut } = importOf(sample('zabbix.yaml'));
    expect(leftOutOf(importOf(sample('zabbix.yaml')))).toEqual([
      '1 linked template: Network Generic Device by SNMP (one host)',
      '1 linked template: Linux by Zabbix agent (one host)',
      '9 item: on Gateway one',
      '9 trigger: on Gateway one',
      '9 macro: {$SNMP_COMMUNITY} of Gateway one',
      '9 proxy: attic-proxy of Gateway one',
      '45 IPMI interface: of web-1',
      '75 host: Zabbix server',
      '80 host: retired',
      '87 host: by-macro',
      '95 graph: Traffic of all',
    ]);
    expect(leftOut.find(({ name }) => name === 'by-macro')?.reason).toBe(
      '"{$WHERE}" is a macro; give the address in its place',
    );
  });

  it('says the same as JSON', () => {
    const json = JSON.stringify(load(sample('zabbix.yaml').toString()));
    expect(inventoryOf(importOf(json))).toEqual(inventoryOf(importOf(sample('zabbix.yaml'))));
  });

  it('may be XML', () => {
    const imported = importOf(sample('zabbix.xml'));
    expect(inventoryOf(imported)).toEqual([
      'devices:',
      '  - name: Gateway "one" & only',
      '    addresses: [192.0.2.1, 192.0.2.11]',
      '    tags: [routers, env-prod]',
      '    snmp: zabbix',
      '  - name: plain',
      '    address: 192.0.2.2',
      '    tags: [routers]',
    ]);
    expect(imported.profiles).toMatchObject([{ profile: 'zabbix', version: 'v1' }]);
    expect(leftOutOf(imported)).toEqual([
      '2 linked template: Template Net Generic (one host)',
      '11 item: on Gateway "one" & only × 2',
    ]);
  });

  it('may be of an old version, which writes numbers', () => {
    const host = (more: string): string => `<host><host>h${more.length}</host>${more}</host>`;
    const snmp = '<type>2</type><useip>0</useip><ip/><dns>sw.example.net</dns><port>161</port><default>1</default>';
    const hosts = [`<status>0</status><interfaces><interface>${snmp}</interface></interfaces>`, '<status>1</status>'];
    const xml = `<zabbix_export><version>4.0</version><hosts>${hosts.map(host).join('')}</hosts></zabbix_export>`;
    const imported = importOf(xml);
    expect(imported.devices.map(({ device }) => [device.addresses, device.checks.snmp?.profile])).toEqual([
      [['sw.example.net'], 'zabbix'],
    ]);
    expect(imported.leftOut).toHaveLength(1);
  });

  it('tells credentials apart by what a macro stands for on the host', () => {
    const host = (name: string, value: string): object => ({
      host: name,
      interfaces: [{ type: 'SNMP', ip: '192.0.2.1', port: '161', details: { community: '{$C}' } }],
      macros: [{ macro: '{$C}', value }],
    });
    const hosts = [host('a', 'hush-1'), host('b', 'hush-2'), host('c', 'hush-1')];
    const { devices } = importOf(JSON.stringify({ zabbix_export: { hosts } }));
    expect(devices.map(({ device }) => device.checks.snmp?.profile)).toEqual(['zabbix', 'zabbix-2', 'zabbix']);
  });

  it('is refused without hosts, as one of templates', () => {
    expect(mistakesOf(importOf("zabbix_export:\n  version: '7.0'\n  templates: [{ template: a, name: a }]\n"))).toEqual(
      ['export:1 zabbix_export: holds no host; export hosts, under Data collection, Hosts, Export'],
    );
  });
});
