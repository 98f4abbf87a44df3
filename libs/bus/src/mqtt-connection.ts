import type { Socket } from 'node:net';
import type { IConnackPacket, IDisconnectPacket, MqttClient, Packet } from 'mqtt';
import type { OutgoingMessage } from './bus.ts';
import { nextPublishId } from './packet-ids.ts';
import { encodePublish } from './publish-packet.ts';
import type { Asked } from './subscriptions.ts';
import { SubscriptionRefused, type Connection, type Settled, type TransportEvents } from './transport.ts';

/** Packets written at once. QoS 0 has no window, so that without it a backlog of any size would be copied into one. */
const BUNCH = 256;

/**
 * A broker whose queue for us overflowed may have dropped its acknowledgement with the rest (Mosquitto 2.0 does). Within
 * a connection nothing may be sent again (MQTT 5 §4.4), so after this long, twice at most, a new one is made.
 */
const ACKNOWLEDGEMENT_ms = 30_000;

/** MQTT 5 §3.8.3.1. */
const RETAIN_HANDLING = { always: 0, 'if-new': 1 } as const;

/** Reason codes from here on are failures (MQTT 5 §2.4). */
const FAILURE = 0x80;

/** One connection by mqtt.js, from its CONNACK to its end. */
export class MqttConnection implements Connection {
  readonly receiveMaximum: number;
  readonly #client: MqttClient;
  readonly #tcp: Socket | undefined;
  readonly #events: TransportEvents;
  readonly #maximumPacketSize: number;
  /** Who waits for the PUBACK of which packet id. */
  readonly #inFlight = new Map<number, Settled>();
  /** Packets of this turn of the event loop: they are written together. */
  #outgoing: Buffer[] = [];
  #lastId = 0;
  readonly #watch: NodeJS.Timeout;
  /** Who waited longest when last looked. */
  #longest: Settled | undefined;
  #over = false;
  #cause: Error | undefined;

  /** @param tcp what the client’s stream goes over; `undefined` for a WebSocket, which has its own, and a Unix socket. */
  constructor(client: MqttClient, tcp: Socket | undefined, connack: IConnackPacket, events: TransportEvents) {
    this.#client = client;
    this.#tcp = tcp;
    this.#events = events;
    this.receiveMaximum = connack.properties?.receiveMaximum ?? 65_535;
    this.#maximumPacketSize = connack.properties?.maximumPacketSize ?? Infinity;
    client.on('disconnect', (packet: IDisconnectPacket) => {
      const reason = packet.properties?.reasonString ?? DISCONNECTS[packet.reasonCode ?? 0] ?? 'it did not say why';
      this.#cause = new Error(`the broker ended the connection: ${reason}`);
    });
    client.on('packetreceive', (packet: Packet) => {
      if (packet.cmd === 'puback') this.#acknowledged(packet);
    });
    client.stream.on('drain', () => events.writable());
    this.#watch = setInterval(() => this.#lookForUnanswered(), ACKNOWLEDGEMENT_ms).unref();
  }

  get writable(): boolean {
    return this.#outgoing.length < BUNCH && !this.#client.stream.writableNeedDrain;
  }

  send(message: OutgoingMessage, expiry_s: number | undefined, settled: Settled): void {
    this.#lastId = nextPublishId(this.#lastId, this.#inFlight);
    const packet = encodePublish(message, this.#lastId, expiry_s);
    if (packet.length > this.#maximumPacketSize) {
      settled(`the broker takes at most ${this.#maximumPacketSize} bytes`);
      return;
    }
    if (message.qos === 1) this.#inFlight.set(this.#lastId, settled);
    if (this.#outgoing.push(packet) === 1) process.nextTick(() => this.#write());
    if (message.qos === 0) settled();
  }

  async subscribe(filter: string, { qos, retained }: Asked, identifier: number): Promise<void> {
    const rh = RETAIN_HANDLING[retained];
    try {
      await this.#client.subscribeAsync(filter, { qos, rh, properties: { subscriptionIdentifier: identifier } });
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
    clearInterval(this.#watch);
    this.#write();
    await this.#client.endAsync();
  }

  destroy(): void {
    this.#over = true;
    clearInterval(this.#watch);
    this.#client.end(true);
    // After `end` mqtt.js takes no second one, and its stream waits for a peer that may never read.
    this.#client.stream.destroy();
  }

  sever(cause: Error): void {
    // Closed as usual, the kernel would go on for minutes to send what it has of ours. Of a Unix socket it has nothing:
    // what is written stands in what the broker reads next.
    this.#tcp?.resetAndDestroy();
    this.failed(cause);
  }

  /** mqtt.js reports an error; the close that may follow is the end. */
  failed(error: Error): void {
    this.#cause ??= error;
    if (!this.#over) this.#client.stream.destroy();
  }

  closed(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#watch);
    // Lets go of mqtt.js's timers.
    this.#client.end(true);
    this.#events.broken(this.#cause ?? new Error('it was closed without a word'));
  }

  #lookForUnanswered(): void {
    const [longest] = this.#inFlight.values();
    if (longest !== undefined && longest === this.#longest) {
      this.failed(new Error(`the broker has not acknowledged a message for ${ACKNOWLEDGEMENT_ms / 1000} s`));
    }
    this.#longest = longest;
  }

  #write(): void {
    const packets = this.#outgoing;
    if (packets.length === 0) return;
    this.#outgoing = [];
    const { stream } = this.#client;
    // What is not written is not settled, and goes over the next connection.
    if (stream.destroyed || stream.writableEnded) return;
    stream.write(packets.length === 1 ? packets[0] : Buffer.concat(packets));
    if (packets.length >= BUNCH && this.writable) this.#events.writable();
  }

  #acknowledged({ messageId = 0, reasonCode = 0, properties }: Extract<Packet, { cmd: 'puback' }>): void {
    const settled = this.#inFlight.get(messageId);
    this.#inFlight.delete(messageId);
    if (reasonCode < FAILURE) settled?.();
    else settled?.(properties?.reasonString ?? REFUSALS[reasonCode] ?? `reason code ${reasonCode}`);
  }
}

/** Why brokers refuse a message (MQTT 5 §3.4.2.1). */
const REFUSALS: Readonly<Record<number, string>> = {
  0x80: 'it does not say why',
  0x83: 'the broker has a reason of its own',
  0x87: 'not authorized',
  0x90: 'it does not take this topic',
  0x97: 'quota exceeded',
  0x99: 'it does not take this payload',
};

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
