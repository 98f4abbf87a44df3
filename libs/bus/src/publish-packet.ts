import type { OutgoingMessage } from './bus.ts';
import { topicFault } from './topic-filter.ts';

/** Identifiers of properties (MQTT 5 §2.2.2.2). */
const MESSAGE_EXPIRY_INTERVAL = 0x02;
const RESPONSE_TOPIC = 0x08;
const CORRELATION_DATA = 0x09;
const USER_PROPERTY = 0x26;

const PUBLISH = 0x30;

/** The longest binary data, and the longest string (MQTT 5 §1.5.4, §1.5.6). */
const BINARY_MAX_bytes = 65_535;

/** Why a message cannot be put into an MQTT packet; `undefined` when it can. */
export function publishFault(message: OutgoingMessage): string | undefined {
  const { topic, responseTopic, correlationData, properties = {} } = message;
  const fault = topicFault(topic);
  if (fault !== undefined) return fault;
  const responseFault = responseTopic === undefined ? undefined : topicFault(responseTopic);
  if (responseFault !== undefined) return `of its response topic ${JSON.stringify(responseTopic)}: ${responseFault}`;
  const correlation_bytes = correlationData?.length ?? 0;
  if (correlation_bytes > BINARY_MAX_bytes) {
    return `its correlation data of ${correlation_bytes} bytes is longer than ${BINARY_MAX_bytes}`;
  }
  for (const [name, value] of Object.entries(properties)) {
    const longest_bytes = Math.max(Buffer.byteLength(name), Buffer.byteLength(value));
    if (longest_bytes > BINARY_MAX_bytes) {
      return `its property ${name.slice(0, 40)} of ${longest_bytes} bytes is longer than ${BINARY_MAX_bytes}`;
    }
  }
  return undefined;
}

/**
 * Encodes a PUBLISH (MQTT 5 §3.3). By hand, since it is where a probing service spends most: mqtt.js copies every
 * message several times on its way, for a store that the outbox makes needless.
 *
 * @param packetId 1 to 65,535 for QoS 1; passed over for QoS 0.
 * @param expiry_s what remains of its expiry.
 */
export function encodePublish(message: OutgoingMessage, packetId: number, expiry_s: number | undefined): Buffer {
  const { topic, payload, qos, retain, responseTopic, correlationData, properties } = message;
  const pairs =
    properties === undefined
      ? []
      : Object.entries(properties)
          .flat()
          .map((text) => Buffer.from(text));
  const topic_bytes = Buffer.byteLength(topic);
  const payload_bytes = Buffer.byteLength(payload);
  const response_bytes = responseTopic === undefined ? 0 : Buffer.byteLength(responseTopic);
  const properties_bytes =
    (expiry_s === undefined ? 0 : 5) +
    (responseTopic === undefined ? 0 : 3 + response_bytes) +
    (correlationData === undefined ? 0 : 3 + correlationData.length) +
    pairs.reduce((sum, { length }) => sum + 2 + length, pairs.length / 2);
  const rest_bytes =
    2 + topic_bytes + (qos === 0 ? 0 : 2) + variableLength(properties_bytes) + properties_bytes + payload_bytes;

  const packet = Buffer.allocUnsafe(1 + variableLength(rest_bytes) + rest_bytes);
  packet[0] = PUBLISH | (qos << 1) | (retain ? 1 : 0);
  let at = writeVariable(packet, 1, rest_bytes);
  at = packet.writeUInt16BE(topic_bytes, at);
  at += packet.write(topic, at);
  if (qos !== 0) at = packet.writeUInt16BE(packetId, at);
  at = writeVariable(packet, at, properties_bytes);
  if (expiry_s !== undefined) {
    packet[at] = MESSAGE_EXPIRY_INTERVAL;
    at = packet.writeUInt32BE(expiry_s, at + 1);
  }
  if (responseTopic !== undefined) {
    packet[at] = RESPONSE_TOPIC;
    at = packet.writeUInt16BE(response_bytes, at + 1);
    at += packet.write(responseTopic, at);
  }
  if (correlationData !== undefined) {
    packet[at] = CORRELATION_DATA;
    at = packet.writeUInt16BE(correlationData.length, at + 1);
    packet.set(correlationData, at);
    at += correlationData.length;
  }
  for (const [index, text] of pairs.entries()) {
    if (index % 2 === 0) at = packet.writeUInt8(USER_PROPERTY, at);
    at = packet.writeUInt16BE(text.length, at);
    at += text.copy(packet, at);
  }
  packet.write(payload, at);
  return packet;
}

/** How many bytes a variable byte integer takes (MQTT 5 §1.5.5). */
function variableLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x20_0000 ? 3 : 4;
}

function writeVariable(packet: Buffer, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest > 0x7f) {
    packet[next] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    next += 1;
  }
  packet[next] = rest;
  return next + 1;
}
