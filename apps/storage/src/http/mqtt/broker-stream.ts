import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { readAuthority, type CommonConfig } from '@guaita/service';
import { createWebSocketStream, WebSocket } from 'ws';

/** The ports that IANA has for MQTT, in the clear and by TLS. */
const MQTT_PORT = 1883;
const MQTTS_PORT = 8883;

/**
 * Opens a connection to the broker, on which nothing has been said. What goes wrong it says by its event `error`.
 *
 * @throws {BusError} when `mqtt.ca_file` cannot be read.
 */
export function openBrokerStream({ url, ca_file }: Pick<CommonConfig['mqtt'], 'url' | 'ca_file'>): Duplex {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const tls = ca_file === undefined ? {} : { ca: readAuthority(ca_file) };
  if (protocol === 'ws:' || protocol === 'wss:') return createWebSocketStream(new WebSocket(url, 'mqtt', tls));
  if (protocol === 'mqtts:') return connectTls({ host, port: Number(port || MQTTS_PORT), ...tls }).setNoDelay();
  return connectTcp({ host, port: Number(port || MQTT_PORT), noDelay: true });
}
