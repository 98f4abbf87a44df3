import { z } from 'zod';

/** A publish as Aedes hands it to its persistence. */
export interface Packet {
  cmd: string;
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  dup?: boolean;
  brokerId?: string;
  brokerCounter?: number;
  messageId?: number | undefined;
  /** Who sent it. */
  clientId?: string;
  properties?: Record<string, unknown>;
  /** When it expires, in milliseconds since 1970. */
  messageExpiry?: number;
}

/**
 * A packet to keep. Its payload is copied: as it comes it is a part of what was read from the socket at once, and one
 * small message would keep 64 KB alive.
 */
export function keep(packet: Packet): Packet {
  const payload = Buffer.allocUnsafeSlow(packet.payload.length);
  packet.payload.copy(payload);
  return { ...packet, payload };
}

/** A packet as it is written to disk. */
export const StoredPacket = z.object({
  topic: z.string(),
  payload: z.base64(),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  retain: z.boolean(),
  brokerId: z.string().optional(),
  brokerCounter: z.number().optional(),
  messageExpiry: z.number().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  correlationData: z.base64().optional(),
});
export type StoredPacket = z.infer<typeof StoredPacket>;

/** What is kept of a packet. */
export function store(packet: Packet): StoredPacket {
  const { topic, payload, qos, retain, brokerId, brokerCounter, messageExpiry } = packet;
  const { correlationData, ...properties } = packet.properties ?? {};
  return {
    topic,
    payload: payload.toString('base64'),
    qos,
    retain,
    brokerId,
    brokerCounter,
    messageExpiry,
    properties,
    correlationData: Buffer.isBuffer(correlationData) ? correlationData.toString('base64') : undefined,
  };
}

/** The packet that was kept. */
export function restore(stored: StoredPacket): Packet {
  const { topic, payload, qos, retain, brokerId, brokerCounter, messageExpiry, correlationData } = stored;
  const properties = {
    ...stored.properties,
    ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData, 'base64') }),
  };
  return {
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload, 'base64'),
    qos,
    retain,
    ...(brokerId === undefined ? {} : { brokerId }),
    ...(brokerCounter === undefined ? {} : { brokerCounter }),
    ...(messageExpiry === undefined ? {} : { messageExpiry }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
}

/**
 * A retained message that expires sooner is written only when the broker stops in good order, not as it comes: it is
 * said again within minutes, and 10,000 devices' observations would write gigabytes a day to an SD card.
 */
const LASTING_ms = 3_600_000;

/** Tells whether a retained message is written to disk as it comes. */
export function lasts({ messageExpiry, properties }: Packet): boolean {
  if (messageExpiry === undefined) return true;
  const interval_s = properties?.['messageExpiryInterval'];
  return typeof interval_s === 'number' && interval_s * 1000 >= LASTING_ms;
}
