import { lookup } from 'node:dns/promises';
import { NetSnmpSession } from './net-snmp-session.ts';
import type { MakeParts } from './service.ts';
import { UdpSockets } from './udp.ts';

/** The machine's own resolver and UDP sockets. */
export const systemParts: MakeParts = (onBadDatagram, onFailure) => {
  const sockets = new UdpSockets(onFailure);
  return {
    lookup: async (name) => (await lookup(name, { all: true, order: 'verbatim' })).map(({ address }) => address),
    transport: {
      open: (address, port, { credentials, timeout_ms, retries }) =>
        new NetSnmpSession({ address, port, credentials, timeout_ms, retries, sockets, onBadDatagram }),
      stop: () => sockets.close(),
    },
  };
};
