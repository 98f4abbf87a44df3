import { systemLookup } from '@guaita/probing';
import { NetSnmpSession } from './net-snmp-session.ts';
import type { MakeParts } from './service.ts';
import { UdpSockets } from './udp.ts';

/** The machine's own resolver and UDP sockets. */
export const systemParts: MakeParts = (onBadDatagram, onFailure) => {
  const sockets = new UdpSockets(onFailure);
  return {
    lookup: systemLookup,
    transport: {
      open: (address, port, { credentials, timeout_ms, retries }) =>
        new NetSnmpSession({ address, port, credentials, timeout_ms, retries, sockets, onBadDatagram }),
      stop: () => sockets.close(),
    },
  };
};
