import { ConfigError } from '@guaita/settings';
import { expect, test } from 'vitest';
import { siteHost, peersOf, UnknownHostError } from './host.ts';
import { readSite } from './read-site.ts';
import { ALONE, HOME } from './samples.testdata.ts';

test('a site is read, with its defaults', () => {
  expect(readSite(HOME)).toEqual({
    site: 'home',
    floating_ip: { address: '192.168.1.250', prefix: 24, interface: 'eth0' },
    hosts: [
      { id: 'pi-1', name: 'pi-1', address: '192.168.1.11', interface: 'eth0' },
      { id: 'pi-2.lan', name: 'Pi-2.lan', address: '192.168.1.12', interface: 'wlan0' },
      { id: 'pi-3', name: 'pi-3', address: '192.168.1.13', interface: 'eth0' },
    ],
    ports: { mqtt: 8883, page: 7480 },
    virtual_router_id: 237,
  });
});

test('one host alone is a site, and all may be said', () => {
  const site = readSite(`${ALONE}ports: { mqtt: 8884, page: 443 }\nvirtual_router_id: 61\n`);
  expect(site).toEqual({
    site: 'home',
    hosts: [{ id: 'pi-1', name: 'pi-1', address: '127.0.0.1' }],
    ports: { mqtt: 8884, page: 443 },
    virtual_router_id: 61,
  });
});

test('an IPv6 address is the same however it is written', () => {
  const text = HOME.replaceAll('192.168.1.1', 'fd00:0::1').replace('192.168.1.250/24', 'fd00::fa/64');
  expect(readSite(text).hosts.map(({ address }) => address)).toEqual(['fd00::11', 'fd00::12', 'fd00::13']);
});

test('a host is found by its name, however that is written, and has the others as peers', () => {
  const site = readSite(HOME);
  const host = siteHost(site, 'PI-2.lan');
  expect(host.id).toBe('pi-2.lan');
  expect(peersOf(site, host).map(({ id }) => id)).toEqual(['pi-1', 'pi-3']);
});

test('a host that the site does not have is named, with those that it has', () => {
  const lookUp = (): unknown => siteHost(readSite(HOME), 'pi-9');
  expect(lookUp).toThrow(UnknownHostError);
  expect(lookUp).toThrow(
    'site home has no host "pi-9", only "pi-1", "Pi-2.lan", "pi-3"; ' +
      'add it to hosts in site.yaml, or correct the name there or at the host',
  );
});

/** What a person is shown of a bad `site.yaml`. */
function complaintsOf(text: string): string[] {
  try {
    readSite(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const floatingAt = (address: string): string => HOME.replace('192.168.1.250/24', address);
const firstAt = (address: string): string => HOME.replace('192.168.1.11 ', `${address} `);

test.each<[name: string, text: string, ...complaints: string[]]>([
  ['nothing', '', 'site.yaml:1 site: is missing; give text', 'site.yaml:1 hosts: is missing; give a mapping'],
  ['no mapping', '- a', 'site.yaml:1: is not a mapping; write sections and keys, as in "ping:" and "site: home"'],
  [
    'no YAML',
    'site: [home',
    'site.yaml:1: is indented wrongly, or a bracket is not closed; indent by two spaces for each level',
  ],
  ['a mistyped key', `${ALONE}floating_iP: 1`, 'site.yaml:3 floating_iP: unknown key; did you mean "floating_ip"?'],
  [
    'a mistyped key of a host',
    HOME.replace('interface: wlan0', 'interfaces: wlan0'),
    'site.yaml:6 hosts.Pi-2.lan.interfaces: unknown key; did you mean "interface"?',
  ],
  [
    'a bad id',
    HOME.replace('site: home', 'site: At Home'),
    'site.yaml:2 site: "At Home" must be an id: a-z, 0-9, ".", "_" or "-", at most 63 characters; correct it',
  ],
  ['no host', 'site: home\nhosts: {}', 'site.yaml:2 hosts: names no host; name each with its address'],
  [
    'a host without an address',
    'site: home\nhosts:\n  pi-1: {}',
    'site.yaml:3 hosts.pi-1.address: is missing; give text',
  ],
  [
    'a host twice',
    'site: home\nhosts:\n  pi-1: { address: 10.0.0.1 }\n  pi-1: { address: 10.0.0.2 }',
    'site.yaml:4 hosts.pi-1: is written twice, first in line 3; keep one of them',
  ],
  [
    'two names that make one id',
    HOME.replace('pi-3:', 'PI-1:'),
    'site.yaml:7 hosts.PI-1: has the same id pi-1 as "pi-1"; give one of the hosts another name',
  ],
  [
    'a name that makes no id',
    HOME.replace('pi-3:', '"¿?":'),
    'site.yaml:7 hosts.¿?: "¿?" cannot be the id of a monitor; give the host another name',
  ],
  [
    'a name that stands for operators',
    HOME.replace('pi-3:', 'Command:'),
    'site.yaml:7 hosts.Command: "Command" cannot be the id of a monitor; give the host another name',
  ],
  [
    'a host name for an address',
    firstAt('pi-1.lan'),
    'site.yaml:5 hosts.pi-1.address: "pi-1.lan" is not an IP address; give the one under which the other hosts reach it',
  ],
  [
    'an address with a zone',
    firstAt('fe80::1%eth0'),
    'site.yaml:5 hosts.pi-1.address: "fe80::1%eth0" is not an IP address; give the one under which the other hosts reach it',
  ],
  [
    'the address of nobody',
    firstAt('0.0.0.0'),
    'site.yaml:5 hosts.pi-1.address: 0.0.0.0 (unspecified) is not the address of one host; give the one under which the other hosts reach it',
  ],
  [
    'one address of two hosts',
    firstAt('"::ffff:192.168.1.13"'),
    'site.yaml:7 hosts.pi-3.address: 192.168.1.13 is the address of "pi-1" too; give each host its own',
  ],
  [
    'a floating IP without a prefix',
    floatingAt('192.168.1.250'),
    'site.yaml:3 floating_ip.address: "192.168.1.250" has no prefix length; give one like "192.168.1.250/24"',
  ],
  [
    'a floating IP that is none',
    floatingAt('192.168.1.256/24'),
    'site.yaml:3 floating_ip.address: "192.168.1.256/24" is not an IP address with a prefix length; give one like "192.168.1.250/24"',
  ],
  [
    'a floating IP with too long a prefix',
    floatingAt('192.168.1.250/33'),
    'site.yaml:3 floating_ip.address: "192.168.1.250/33" is not an IP address with a prefix length; give one like "192.168.1.250/24"',
  ],
  [
    'a floating IP of a host',
    floatingAt('192.168.1.12/24'),
    'site.yaml:3 floating_ip.address: 192.168.1.12 is the address of host "Pi-2.lan"; give one that nobody has',
  ],
  [
    'a floating IP that is the broadcast address',
    floatingAt('192.168.1.255/24'),
    'site.yaml:3 floating_ip.address: 192.168.1.255/24 stands for its whole network; give an address in it that nobody has',
  ],
  [
    'a host outside of its network',
    firstAt('192.168.2.11'),
    'site.yaml:5 hosts.pi-1.address: 192.168.2.11 is not in the network of the floating IP, 192.168.1.250/24; correct one of the two',
  ],
  [
    'a host of another family',
    firstAt('fd00::1'),
    'site.yaml:5 hosts.pi-1.address: fd00::1 is not in the network of the floating IP, 192.168.1.250/24; correct one of the two',
  ],
  [
    'a floating IP without an interface',
    HOME.replace(', interface: eth0', ''),
    'site.yaml:3 floating_ip.interface: is missing; give text',
  ],
  [
    'an interface that is none',
    HOME.replace('wlan0', '"wlan0 up"'),
    'site.yaml:6 hosts.Pi-2.lan.interface: "wlan0 up" is not the name of a network interface; give one like "eth0"',
  ],
  [
    'a port out of range',
    `${ALONE}ports:\n  mqtt: 65536`,
    'site.yaml:4 ports.mqtt: 65536 is too big; give at most 65535',
  ],
  [
    'one port for two',
    `${ALONE}ports: { mqtt: 7480 }`,
    'site.yaml:3 ports.page: 7480 is the broker’s port too; give another',
  ],
  [
    'a port of Swarm',
    `${ALONE}ports: { page: 7946 }`,
    'site.yaml:3 ports.page: 7946 belongs to Docker Swarm; give another',
  ],
  [
    'a virtual router id out of range',
    `${ALONE}virtual_router_id: 256`,
    'site.yaml:3 virtual_router_id: 256 is too big; give at most 255',
  ],
  [
    'many mistakes, all of them',
    `${ALONE}ports: { mqtt: x }\nvirtual_router_id: 0`,
    'site.yaml:3 ports.mqtt: "x" is not a number; give a number',
    'site.yaml:4 virtual_router_id: 0 is too small; give at least 1',
  ],
])('%s is refused with line, cause and mend', (_, text, ...complaints) => {
  expect(complaintsOf(text)).toEqual(complaints);
});
