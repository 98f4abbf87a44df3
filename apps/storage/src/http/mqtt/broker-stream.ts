import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { readBrokerUrl } from '@guaita/bus';
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
  const { protocol, host, port, path } = readBrokerUrl(url);
  const tls = ca_file === undefined ? {} : { ca: readAuthority(ca_file) };
  if (protocol === 'ws' || protocol === 'wss') return createWebSocketStream(new WebSocket(url, 'mqtt', tls));
  if (protocol === 'mqtts') return connectTls({ host, port: port ?? MQTTS_PORT, ...tls }).setNoDelay();
  if (protocol === 'mqtt+unix') return connectSocket({ path });
  return connectSocket({ host, port: port ?? MQTT_PORT, noDelay: true });
}
