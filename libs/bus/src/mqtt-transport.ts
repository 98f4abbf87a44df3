import { connect as connectTcp, Socket } from 'node:net';
import { connect, type MqttClient, type IClientOptions, type IPublishPacket } from 'mqtt';
import { Bunch } from './bunch.ts';
import { readBrokerUrl, withoutCredentials, type BrokerAddress } from './broker-url.ts';
import { willOf, type IncomingMessage, type WillSource } from './bus.ts';
import { MqttConnection } from './mqtt-connection.ts';
import { MqttJsPacketIds } from './packet-ids.ts';
import type { Delivery } from './subscriptions.ts';
import { ConnectionRefused, type Connection, type Transport, type TransportEvents } from './transport.ts';

/** What a TLS connection may be told; PEM, as text or as a file holds it. */
export interface TlsOptions {
  /** The authority that signs the broker's certificate, where it is not a public one. */
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  /** Default: true. */
  readonly rejectUnauthorized?: boolean;
  /** The name that the certificate has to be for. Default: the host in the URL. */
  readonly servername?: string;
}

export interface MqttTransportOptions {
  /** `mqtt:`, `mqtts:`, `ws:`, `wss:` or `mqtt+unix:`; may hold a user and a password, which are never shown. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly will?: WillSource;
  /** The broker takes us for dead after one and a half of it. Default 30. */
  readonly keepalive_s?: number;
  /** Whether the broker keeps our subscriptions, and queues for them, while we are away, and for how long. */
  readonly session?: 'clean' | { readonly kept_s: number };
  readonly tls?: TlsOptions;
}

const KEEPALIVE_s = 30;

/** A broker that answers at all does so within a few round trips; a frozen one must not hold us for long. */
const CONNECT_TIMEOUT_ms = 10_000;

/**
 * The most that MQTT 5 allows. Where a client does not say, Mosquitto has 20 messages in flight to it and queues 1,000
 * more: who then subscribes to 5,000 retained messages gets 1,020 of them, and no word of the others.
 */
const RECEIVE_MAXIMUM = 65_535;

/** Where `mqtts:` leads when no port is named. */
const TLS_PORT = 8883;

/** What somebody has to change before the broker will have us (MQTT 5 §3.2.2.2, and 1 to 5 as 3.1.1 brokers say it). */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak MQTT 5: use one that does',
  2: 'it does not take this client id: choose another',
  4: 'wrong user name or password: correct the credentials',
  5: 'not authorized: give credentials, or give this user the right at the broker',
  0x84: 'it does not speak MQTT 5: use one that does',
  0x85: 'it does not take this client id: choose another',
  0x86: 'wrong user name or password: correct the credentials',
  0x87: 'not authorized: give credentials, or give this user the right at the broker',
  0x8a: 'this client is banned: lift the ban at the broker',
  0x8c: 'it wants another way of authentication: allow user name and password',
};

/** MQTT 5 by mqtt.js. Each connection is a client of its own, so that nothing queues in mqtt.js behind our back. */
export class MqttTransport implements Transport {
  readonly name: string;
  readonly #options: MqttTransportOptions;

  constructor(options: MqttTransportOptions) {
    this.#options = options;
    this.name = withoutCredentials(options.url);
  }

  connect(events: TransportEvents, signal: AbortSignal, connection: number): Promise<Connection> {
    const { url } = this.#options;
    const clientOptions = this.#clientOptions(connection);
    return new Promise((resolve, reject) => {
      let client: MqttClient;
      let tcp: Socket | undefined;
      try {
        // Not as a URL, which mqtt.js would read by a function of Node.js that warns of itself.
        const address = readBrokerUrl(url);
        tcp = tcpUnderTls(address);
        const way = tcp === undefined ? address : { ...address, socket: tcp };
        client = connect({ ...way, ...clientOptions } as IClientOptions);
      } catch {
        // Its message may show the URL with the password, so it is not kept as the cause.
        reject(new ConnectionRefused(`the address is not usable: write it as mqtt://host:port, or mqtt+unix:///path`));
        return;
      }
      // Else an acknowledgement waits for that of the packet before it, which a broker's host puts off for 40 ms (RFC 1122
      // §4.2.3.2 and .4). What goes together is written together anyway. A WebSocket's library does it by itself.
      if (client.stream instanceof Socket && client.options.unixSocket !== true) {
        client.stream.setNoDelay();
        tcp ??= client.stream;
      }
      const abort = (): void => fail(new Error('stopped'));
      const fail = (error: Error): void => {
        signal.removeEventListener('abort', abort);
        client.end(true);
        reject(error);
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      let established: MqttConnection | undefined;
      const broken = (error: Error): void => {
        if (established !== undefined) established.failed(error);
        else fail(refusal(error) ?? error);
      };
      // Before the connection is there: with a kept session the broker sends what it has queued at once, and mqtt.js
      // acknowledges a message that nobody listens for (mqttjs/MQTT.js#1124). It acknowledges one, and goes on to the
      // next, when `taken` is called.
      const bunch = new Bunch(() => events.handedOut(), broken);
      client.handleMessage = (packet, taken) => {
        bunch.begin(client.stream);
        try {
          events.delivered(delivery(packet));
        } catch (error) {
          // What came before it is taken.
          bunch.end();
          broken(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        taken();
      };
      client.on('connect', (connack) => {
        signal.removeEventListener('abort', abort);
        established = new MqttConnection(client, tcp, connack, events);
        resolve(established);
      });
      client.on('error', broken);
      client.on('close', () => {
        if (established !== undefined) established.closed();
        else fail(new Error('the broker closed the connection before it answered'));
      });
    });
  }

  #clientOptions(connection: number): IClientOptions {
    const { clientId, username, password, keepalive_s = KEEPALIVE_s, session = 'clean', tls } = this.#options;
    const will = willOf(this.#options.will, connection);
    return {
      protocolVersion: 5,
      clientId,
      clean: session === 'clean',
      keepalive: keepalive_s,
      connectTimeout: CONNECT_TIMEOUT_ms,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Or who speaks all the time would never ask, and never learn that the broker is frozen; it also sets a timer anew
      // for every packet.
      reschedulePings: false,
      messageIdProvider: new MqttJsPacketIds(),
      // mqtt.js reports each packet to it, with all its contents.
      log: () => {},
      properties: {
        sessionExpiryInterval: session === 'clean' ? 0 : session.kept_s,
        receiveMaximum: RECEIVE_MAXIMUM,
      },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(will === undefined
        ? {}
        : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: will.retain } }),
      ...tls,
    };
  }
}

/** Made by ourselves: a TLS socket that makes its own does not let it be reset. */
function tcpUnderTls({ protocol, host, port = TLS_PORT }: BrokerAddress): Socket | undefined {
  return protocol === 'mqtts' ? connectTcp({ host, port }) : undefined;
}

function delivery(packet: IPublishPacket): Delivery {
  const { messageExpiryInterval, responseTopic, correlationData, userProperties } = packet.properties ?? {};
  const { subscriptionIdentifier = [] } = packet.properties ?? {};
  const message: IncomingMessage = {
    topic: packet.topic,
    payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
    retain: packet.retain,
    qos: packet.qos,
    ...(messageExpiryInterval === undefined ? {} : { expiry_s: messageExpiryInterval }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(userProperties === undefined ? {} : { properties: single(userProperties) }),
  };
  return {
    message,
    identifiers: typeof subscriptionIdentifier === 'number' ? [subscriptionIdentifier] : subscriptionIdentifier,
  };
}

function single(properties: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, [value].flat().at(-1) ?? '']));
}

function refusal(error: Error): ConnectionRefused | undefined {
  const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
  const mend = code === undefined ? undefined : REFUSALS[code];
  return mend === undefined ? undefined : new ConnectionRefused(mend, { cause: error });
}
