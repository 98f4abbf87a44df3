import type { IConnackPacket, IDisconnectPacket, MqttClient } from 'mqtt';
import type { OutgoingMessage } from './bus.ts';
import { publishProperties } from './mqtt-properties.ts';
import { SubscriptionRefused, type Connection, type Settled, type TransportEvents } from './transport.ts';

/** What a PUBLISH has on top of topic and payload, at most: header, lengths and the properties that we use. */
const PUBLISH_OVERHEAD_bytes = 64;

/** One connection by mqtt.js, from its CONNACK to its end. */
export class MqttConnection implements Connection {
  readonly receiveMaximum: number;
  readonly #client: MqttClient;
  readonly #events: TransportEvents;
  readonly #maximumPacketSize: number;
  #over = false;
  #cause: Error | undefined;

  constructor(client: MqttClient, connack: IConnackPacket, events: TransportEvents) {
    this.#client = client;
    this.#events = events;
    this.receiveMaximum = connack.properties?.receiveMaximum ?? 65_535;
    this.#maximumPacketSize = connack.properties?.maximumPacketSize ?? Infinity;
    client.on('disconnect', (packet: IDisconnectPacket) => {
      const reason = packet.properties?.reasonString ?? DISCONNECTS[packet.reasonCode ?? 0] ?? 'it did not say why';
      this.#cause = new Error(`the broker ended the connection: ${reason}`);
    });
    client.stream.on('drain', () => events.writable());
  }

  get writable(): boolean {
    return !this.#client.stream.writableNeedDrain;
  }

  send(message: OutgoingMessage, expiry_s: number | undefined, settled: Settled): void {
    const size = PUBLISH_OVERHEAD_bytes + 3 * message.topic.length + 3 * message.payload.length;
    if (size > this.#maximumPacketSize && exactSize(message) > this.#maximumPacketSize) {
      settled(`the broker takes at most ${this.#maximumPacketSize} bytes`);
      return;
    }
    const properties = publishProperties(message, expiry_s);
    this.#client.publish(
      message.topic,
      message.payload,
      { qos: message.qos, retain: message.retain, ...(properties === undefined ? {} : { properties }) },
      (error) => {
        if (error === undefined || error === null) settled();
        // Other errors are the connection's, which then breaks; the message waits for the next one.
        else if ('code' in error && typeof error.code === 'number') settled(error.message);
      },
    );
  }

  async subscribe(filter: string, qos: 0 | 1, identifier: number): Promise<void> {
    try {
      await this.#client.subscribeAsync(filter, { qos, properties: { subscriptionIdentifier: identifier } });
    } catch (cause) {
      if (cause instanceof Error && cause.message.startsWith('Subscribe error')) {
        throw new SubscriptionRefused(cause.message, { cause });
      }
      throw cause;
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    await this.#client.unsubscribeAsync(filter);
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#client.endAsync();
  }

  destroy(): void {
    this.#over = true;
    this.#client.end(true);
  }

  /** mqtt.js reports an error; the close that may follow is the end. */
  failed(error: Error): void {
    this.#cause ??= error;
    if (!this.#over) this.#client.stream.destroy();
  }

  closed(): void {
    if (this.#over) return;
    this.#over = true;
    // Lets go of mqtt.js's timers.
    this.#client.end(true);
    this.#events.broken(this.#cause ?? new Error('it was closed without a word'));
  }
}

/** Why brokers end connections, as far as somebody could mend it (MQTT 5 §3.14.2.1). */
const DISCONNECTS: Readonly<Record<number, string>> = {
  0x87: 'not authorized',
  0x8b: 'it shuts down',
  0x8d: 'it heard nothing from us within the keepalive',
  0x8e: 'another client connected with the same client id: give each its own',
  0x93: 'we had too many messages in flight',
  0x95: 'a message was too large',
  0x96: 'too many messages',
  0x97: 'quota exceeded',
  0x98: 'somebody at the broker ended it',
};

function exactSize({ topic, payload }: OutgoingMessage): number {
  return PUBLISH_OVERHEAD_bytes + Buffer.byteLength(topic) + Buffer.byteLength(payload);
}
