import { readFile } from 'node:fs/promises';

/** Flags of a route (linux/route.h): it is up, and it goes through a gateway. */
const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;

/** The gateways of the default routes in the text of `/proc/net/route` (proc(5)): addresses are in the host's byte order. */
export function gatewaysOfRoute(text: string, littleEndian = true): string[] {
  const gateways = new Set<string>();
  for (const line of text.split('\n').slice(1)) {
    const [, destination, gateway, flags, , , , mask] = line.trim().split(/\s+/);
    if (destination !== '00000000' || mask !== '00000000' || gateway === undefined) continue;
    if (!isGatewayRoute(flags) || !/^[0-9A-F]{8}$/i.test(gateway)) continue;
    const bytes = gateway.match(/../g)!.map((byte) => parseInt(byte, 16));
    gateways.add((littleEndian ? bytes.reverse() : bytes).join('.'));
  }
  return [...gateways];
}

/** The gateways of the default routes in the text of `/proc/net/ipv6_route`; a link-local one bears its interface. */
export function gatewaysOfIpv6Route(text: string): string[] {
  const gateways = new Set<string>();
  for (const line of text.split('\n')) {
    const [destination, length, , , gateway, , , , flags, device] = line.trim().split(/\s+/);
    if (length !== '00' || destination === undefined || !/^0{32}$/.test(destination)) continue;
    if (!isGatewayRoute(flags) || gateway === undefined || !/^[0-9a-f]{32}$/i.test(gateway)) continue;
    const address = gateway.match(/..../g)!.join(':');
    gateways.add(/^fe[89ab]/i.test(gateway) ? `${address}%${device ?? ''}` : address);
  }
  return [...gateways];
}

function isGatewayRoute(flags: string | undefined): boolean {
  const bits = parseInt(flags ?? '', 16);
  return (bits & RTF_UP) !== 0 && (bits & RTF_GATEWAY) !== 0;
}

/**
 * This host's default gateways, IPv4 before IPv6. A host has both tables or, without IPv6, the first only; where there
 * is no `/proc` there are none to be found, and anchors have to be configured.
 */
export async function defaultGateways(): Promise<string[]> {
  const read = (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '');
  return [
    ...gatewaysOfRoute(await read('/proc/net/route')),
    ...gatewaysOfIpv6Route(await read('/proc/net/ipv6_route')),
  ];
}
