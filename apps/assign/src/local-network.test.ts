import { describe, expect, it } from 'vitest';
import { readLocalNetwork, type Interfaces } from './local-network.ts';

const ROUTE = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100A8C0	0003	0	0	100	00000000	0	0	0
eth0	0000A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
wlan0	00000000	0100A8C0	0003	0	0	600	00000000	0	0	0
tun0	00000000	00000000	0001	0	0	50	00000000	0	0	0
`;
const IPV6_ROUTE = `00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

function address(text: string, internal = false) {
  const family = text.includes(':') ? ('IPv6' as const) : ('IPv4' as const);
  return {
    address: text,
    netmask: '',
    mac: '',
    internal,
    cidr: null,
    ...(family === 'IPv6' ? { family, scopeid: 0 } : { family }),
  };
}

const interfaces = {
  lo: [address('127.0.0.1', true), address('::1', true)],
  eth0: [address('fe80::2'), address('2001:db8::2'), address('192.168.0.2')],
} as Interfaces;

function files(contents: Record<string, string>) {
  return { read: (path: string) => contents[path] };
}

describe('the local network', () => {
  it('is this host’s addresses, its default gateways once each, and its resolvers', () => {
    const found = readLocalNetwork(
      'pi-1',
      files({
        '/proc/net/route': ROUTE,
        '/proc/net/ipv6_route': IPV6_ROUTE,
        '/etc/resolv.conf':
          '# made by hand\nsearch lan\nnameserver 192.168.0.1\nnameserver 2001:db8::53\nnameserver 192.168.0.1\nnameserver junk\n',
      }),
      interfaces,
      'lookout',
    );
    expect(found).toEqual({
      monitor: 'pi-1',
      hostName: 'lookout',
      addresses: ['192.168.0.2', '2001:db8::2'],
      gateways: ['192.168.0.1', 'fe80::1%eth0'],
      resolvers: ['192.168.0.1', '2001:db8::53'],
    });
  });

  it('looks behind the stub of systemd-resolved', () => {
    const resolv = { '/etc/resolv.conf': 'nameserver 127.0.0.53\noptions edns0\n' };
    expect(readLocalNetwork('pi-1', files(resolv), {}, 'h').resolvers).toEqual([]);
    const behind = { ...resolv, '/run/systemd/resolve/resolv.conf': 'nameserver 9.9.9.9\n' };
    expect(readLocalNetwork('pi-1', files(behind), {}, 'h').resolvers).toEqual(['9.9.9.9']);
  });

  it('is nearly empty, not a failure, on a host without network', () => {
    const alone = { lo: [address('127.0.0.1', true)] } as Interfaces;
    expect(readLocalNetwork('pi-1', files({}), alone, 'h')).toEqual({
      monitor: 'pi-1',
      hostName: 'h',
      addresses: ['127.0.0.1'],
      gateways: [],
      resolvers: [],
    });
  });
});
