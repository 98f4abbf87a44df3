import { describe, expect, it } from 'vitest';
import { gatewaysOfIpv6Route, gatewaysOfRoute } from './gateways.ts';

// As Linux prints them, on a host with a default route by Ethernet and one by Wi-Fi.
const ROUTE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
wlan0\t00000000\tFE01A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
ppp0\t00000000\t00000000\t0001\t0\t0\t900\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
eth0\t0000000A\t0201A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0
`;
const IPV6_ROUTE = `00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe80000000000000021122fffe334455 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000000000000000000000001 00000400 00000001 00000000 00000003     eth1
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

describe('the default gateways', () => {
  it('are those of IPv4 default routes that go through one', () => {
    expect(gatewaysOfRoute(ROUTE)).toEqual(['192.168.1.1', '192.168.1.254']);
  });

  it('are those of IPv6 default routes, a link-local one with its interface', () => {
    expect(gatewaysOfIpv6Route(IPV6_ROUTE)).toEqual([
      'fe80:0000:0000:0000:0211:22ff:fe33:4455%eth0',
      '2001:0db8:0000:0000:0000:0000:0000:0001',
    ]);
  });

  it('are none in an empty or a broken table', () => {
    for (const text of ['', '\n', 'garbage', 'a b c d e f g h i j']) {
      expect(gatewaysOfRoute(text)).toEqual([]);
      expect(gatewaysOfIpv6Route(text)).toEqual([]);
    }
  });
});
