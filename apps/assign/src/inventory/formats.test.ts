import { readFileSync } from 'node:fs';
import { PingCheck } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { checkInventory, readInventory, type InventoryResult } from './index.ts';

const example = (name: string): Uint8Array => readFileSync(new URL(`../../../../examples/${name}`, import.meta.url));

function devices({ devices, problems }: InventoryResult) {
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return devices.map(({ device }) => device);
}

function byId(result: InventoryResult) {
  return Object.fromEntries(devices(result).map((device) => [device.device, device]));
}

const ping = PingCheck.parse({});

describe('devices.yaml', () => {
  it('gives every device the defaults that it does not change', () => {
    const found = byId(
      checkInventory(
        `
defaults:
  ping: { interval_s: 30, count: 5 }
  snmp: home
  tags: [all]
  parents: [Router]
devices:
  - { name: Router, address: 192.0.2.1 }
  - { name: Böse Küche, addresses: [192.0.2.2, "2001:db8::2", kueche.lan], tags: [ap], ping: { count: 1 } }
  - { id: quiet, address: 192.0.2.3, ping: false, snmp: { interval_s: 10, interfaces: [eth0] }, parents: [] }
  - { id: plain, address: 192.0.2.4, ping: true, snmp: false, parents: quiet }
`,
        'devices.yaml',
      ),
    );
    const snmp = { profile: 'home', interval_s: 60, port: 161 };
    expect(found).toEqual({
      router: {
        ...{ device: 'router', name: 'Router', addresses: ['192.0.2.1'], parents: [], tags: ['all'] },
        checks: { ping: { ...ping, interval_s: 30, count: 5 }, snmp },
      },
      'bose-kuche': {
        ...{ device: 'bose-kuche', name: 'Böse Küche', addresses: ['192.0.2.2', '2001:db8::2', 'kueche.lan'] },
        ...{ parents: ['router'], tags: ['all', 'ap'] },
        checks: { ping: { ...ping, interval_s: 30, count: 1 }, snmp },
      },
      quiet: {
        ...{ device: 'quiet', name: 'quiet', addresses: ['192.0.2.3'], parents: [], tags: ['all'] },
        checks: { snmp: { ...snmp, interval_s: 10, interfaces: ['eth0'] } },
      },
      plain: {
        ...{ device: 'plain', name: 'plain', addresses: ['192.0.2.4'], parents: ['quiet'], tags: ['all'] },
        checks: { ping: { ...ping, interval_s: 30, count: 5 } },
      },
    });
  });

  it('lays the placement of a device over the default one, rule by rule', () => {
    const found = byId(
      checkInventory(
        `
defaults: { placement: { only_sites: [home], not_tags: [small] } }
devices:
  - { name: as-all, address: 192.0.2.1 }
  - { name: other, address: 192.0.2.2, placement: { only_sites: attic, only_tags: [lte] } }
  - { name: anywhere, address: 192.0.2.3, placement: false }
`,
        'devices.yaml',
      ),
    );
    expect(found['as-all']?.placement).toEqual({ only_sites: ['home'], not_tags: ['small'] });
    expect(found['other']?.placement).toEqual({ only_sites: ['attic'], only_tags: ['lte'], not_tags: ['small'] });
    expect(found['anywhere']).not.toHaveProperty('placement');
  });

  it('is read alike with a byte order mark and with any line ends', () => {
    const text = 'devices:\n  - name: A\n    address: 192.0.2.1\n';
    const plain = checkInventory(text, 'a.yaml');
    expect(devices(plain)).toHaveLength(1);
    expect(checkInventory(`\uFEFF${text}`, 'a.yaml')).toEqual(plain);
    expect(checkInventory(Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`), 'a.yaml')).toEqual(plain);
  });

  it('may say on purpose that there is nothing to watch', () => {
    expect(checkInventory('devices: []', 'a.yaml')).toEqual({ devices: [], problems: [] });
  });

  it('shares what aliases name', () => {
    const text =
      'devices:\n  - { name: A, address: 192.0.2.1, tags: &t [x, y] }\n  - { name: B, address: b.lan, tags: *t }\n';
    expect(byId(checkInventory(text, 'a.yaml'))['b']?.tags).toEqual(['x', 'y']);
  });
});

describe('find', () => {
  const text = new TextDecoder().decode(example('devices.yaml'));
  const local = {
    monitor: 'pi-1',
    hostName: 'lookout',
    addresses: ['192.0.2.7', '2001:db8::7'],
    gateways: ['192.0.2.1'],
    resolvers: ['192.0.2.1', '192.0.2.53', '192.0.2.54'],
  };

  it('stands for this host, its gateway and its resolvers', () => {
    const found = byId(checkInventory(text, 'devices.yaml', local));
    expect(
      Object.values(found).map(({ device, name, addresses, parents }) => [device, name, addresses, parents]),
    ).toEqual([
      ['pi-1', 'lookout', ['192.0.2.7', '2001:db8::7'], []],
      ['pi-1-gateway', 'Gateway', ['192.0.2.1'], []],
      ['pi-1-resolver', 'Resolver', ['192.0.2.53'], ['pi-1-gateway']],
      ['pi-1-resolver-2', 'Resolver 2', ['192.0.2.54'], ['pi-1-gateway']],
    ]);
  });

  it('stands for other devices at another monitor, unless the entry gives an id', () => {
    const ids = (monitor: string): string[] =>
      Object.keys(byId(checkInventory(text, 'devices.yaml', { ...local, monitor })));
    expect(ids('pi-2').filter((id) => ids('pi-1').includes(id))).toEqual([]);
    const shared = 'devices:\n  - { find: self }\n  - { id: gw, find: gateway }\n  - { find: resolvers }\n';
    expect(checkInventory(shared, 'a.yaml', local).devices.map(({ device }) => device.device)).toEqual([
      ...['pi-1', 'gw', 'pi-1-resolver', 'pi-1-resolver-2'],
    ]);
  });

  it('leaves out what is not there, also as a parent, and says so', () => {
    const { devices, problems } = checkInventory(text, 'devices.yaml', {
      ...local,
      gateways: [],
      resolvers: ['192.0.2.53'],
    });
    expect(devices.map(({ device }) => [device.device, device.parents])).toEqual([
      ['pi-1', []],
      ['pi-1-resolver', []],
    ]);
    expect(problems.map(({ severity, message }) => [severity, message])).toEqual([
      ['note', 'no default gateway was found on this host; nothing stands for it'],
    ]);
  });

  it('is checked, and stands for nothing, where the local network is not known', () => {
    expect(checkInventory(text, 'devices.yaml')).toEqual({ devices: [], problems: [] });
  });
});

describe('CSV', () => {
  it('has the same names as devices.yaml, and lists in one field', () => {
    const found = byId(checkInventory(example('devices.csv'), 'devices.csv'));
    expect(found['core']).toEqual({
      ...{ device: 'core', name: 'Core router', addresses: ['192.0.2.1'], parents: [], tags: ['backbone'] },
      checks: {
        ping: { ...ping, interval_s: 10 },
        snmp: { profile: 'routers', interval_s: 60, port: 161, interfaces: ['ether1', 'ether2'] },
      },
    });
    expect(found['cellar-pi']?.addresses).toEqual(['192.0.2.20', '2001:db8::20']);
    expect(found['roof-ap']?.tags).toEqual(['wifi', 'outdoor']);
  });

  it.each([';', '\t'])('may be separated by %j, as spreadsheets of other countries do', (delimiter) => {
    const text = ['Name,Address,Ping', 'A,192.0.2.1,no', 'B,192.0.2.2,yes'].join('\r\n').replaceAll(',', delimiter);
    const found = byId(checkInventory(text, 'devices.csv'));
    expect(found['a']?.checks).toEqual({});
    expect(found['b']?.checks).toEqual({ ping });
  });
});

describe('Prometheus file_sd', () => {
  it('makes one device of all targets of a host, tags of labels, and a profile of snmp_exporter’s auth', () => {
    const found = byId(checkInventory(example('file_sd.json'), 'file_sd.json'));
    expect(Object.keys(found)).toEqual(['192.0.2.20', '192.0.2.21', 'core']);
    expect(found['192.0.2.20']?.tags).toEqual(['job-node', 'env-prod']);
    expect(found['core']).toMatchObject({ name: 'core', tags: ['job-snmp'], checks: { snmp: { profile: 'routers' } } });
    const merged = byId(
      checkInventory('[{"targets":["a:1"],"labels":{"x":"1"}},{"targets":["a:2"],"labels":{"x":"2"}}]', 'sd.json'),
    );
    expect(merged['a']?.tags).toEqual(['x-1', 'x-2']);
  });

  it('has labels of its own for the rest, and takes URLs and IPv6', () => {
    const found = byId(checkInventory(example('file_sd.yaml'), 'file_sd.yaml'));
    expect(found['2001-db8-20']).toMatchObject({ addresses: ['2001:db8::20'], checks: { ping: { interval_s: 30 } } });
    expect(found['web-site']).toMatchObject({ addresses: ['www.example.net'], parents: ['web'] });
    expect(found['web']?.checks.snmp).toMatchObject({ profile: 'servers', interfaces: ['eth0'] });
  });
});

describe('Guifi.net CNML', () => {
  it('takes what is Working, with main address, SNMP interfaces, zones and node', () => {
    const result = checkInventory(example('guifi.cnml'), 'guifi.cnml');
    const found = byId(result);
    expect(found['guifi-301']).toMatchObject({
      ...{ name: 'CampanarVellRd1', addresses: ['192.0.2.97'] },
      tags: ['zone-vila-d-exemple', 'node-campanarvell', 'type-radio'],
      checks: { snmp: { profile: 'guifi', interfaces: ['wlan1', 'wlan2'] } },
    });
    // Its interface is known by number only: all are polled.
    expect(found['guifi-302']?.checks.snmp).toEqual({ profile: 'guifi', interval_s: 60, port: 161 });
    // A client is reached at its side of the link.
    expect(found['guifi-304']?.addresses).toEqual(['192.0.2.98']);
    expect(Object.keys(found)).toEqual(['guifi-301', 'guifi-302', 'guifi-304']);
    expect(result.problems.map(({ message }) => message)).toEqual(['devices that are not Working: 1, left out']);
  });

  it('believes mainipv4 where the file has it, and leaves out the devices of a node that is not Working', () => {
    const device = (id: number, more: string): string =>
      `<device id="${id}" title="D" type="radio" status="Working" ${more}/>`;
    const node = (status: string, inner: string): string => `<node id="9" title="N" status="${status}">${inner}</node>`;
    const text = `<cnml><network>${node('Working', device(1, 'mainipv4="192.0.2.1"'))}${node('Planned', device(2, 'mainipv4="192.0.2.2"'))}</network></cnml>`;
    expect(devices(checkInventory(text, 'x')).map(({ device, addresses }) => [device, addresses])).toEqual([
      ['guifi-1', ['192.0.2.1']],
    ]);
  });
});

describe('several files', () => {
  const a = { file: 'a.yaml', content: 'devices:\n  - { name: A, address: 192.0.2.1, parents: [b] }\n' };
  const b = { file: 'b.csv', content: 'name,address\nB,192.0.2.2\n' };

  it('are one inventory, each device of its own file', () => {
    const { devices } = readInventory([a, b]);
    expect(devices.map(({ device, file }) => [device.device, device.parents, file])).toEqual([
      ['a', ['b'], 'a.yaml'],
      ['b', [], 'b.csv'],
    ]);
  });

  it('are refused together', () => {
    const again = { file: 'c.csv', content: 'name,address\nA,192.0.2.3\n' };
    const { devices, problems } = readInventory([a, b, again]);
    expect(devices).toEqual([]);
    expect(problems.map(({ file, line, message }) => [file, line, message])).toEqual([
      ['c.csv', 2, '"A" is the name of devices[0] in a.yaml already; give one of them an id of its own'],
    ]);
  });

  it('may have their format given', () => {
    const file = { file: 'list', content: 'address\n192.0.2.1\n', format: 'csv' } as const;
    expect(readInventory([file]).devices).toHaveLength(1);
  });
});
