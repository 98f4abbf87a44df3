/** A site as people write it. */
export const HOME = `
site: home
floating_ip: { address: 192.168.1.250/24, interface: eth0 }
hosts:
  pi-1: { address: 192.168.1.11 }
  Pi-2.lan: { address: 192.168.1.12, interface: wlan0 }
  pi-3: { address: 192.168.1.13 }
`;

/** The least that is a site. */
export const ALONE = 'site: home\nhosts: { pi-1: { address: 127.0.0.1 } }\n';
