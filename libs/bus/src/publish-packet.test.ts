import fc from 'fast-check';
import { parser, type IPublishPacket } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { nextPublishId } from './packet-ids.ts';
import { encodePublish } from './publish-packet.ts';

/** What an independent decoder, that of mqtt.js, makes of it. */
function decode(packet: Buffer): IPublishPacket {
  const decoded: IPublishPacket[] = [];
  const decoder = parser({ protocolVersion: 5 });
  decoder.on('packet', (found) => decoded.push(found as IPublishPacket));
  decoder.parse(packet);
  const [only] = decoded;
  if (only === undefined || decoded.length > 1) throw new Error(`${decoded.length} packets`);
  return only;
}

test('a decoder reads every message as it was', { timeout: 60_000 }, () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  const topic = text.map((topic) => `t${topic.replace(/[+#\0]/g, '')}`);
  const message = fc.record(
    {
      topic,
      payload: fc.oneof(text, fc.constantFrom('x'.repeat(100), 'x'.repeat(20_000), 'ü'.repeat(1_200_000))),
      qos: fc.constantFrom(0 as const, 1 as const),
      retain: fc.boolean(),
      responseTopic: topic,
      correlationData: fc.uint8Array({ maxLength: 200 }),
      properties: fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }),
    },
    { requiredKeys: ['topic', 'payload', 'qos', 'retain'] },
  );
  const packetId = fc.integer({ min: 1, max: 65_535 });
  const expiry = fc.option(fc.integer({ min: 1, max: 0xffff_ffff }), { nil: undefined });
  fc.assert(
    fc.property(message, packetId, expiry, (message, packetId, expiry_s) => {
      const found = decode(encodePublish(message, packetId, expiry_s));
      expect(found.topic).toBe(message.topic);
      expect(found.payload.toString() === message.payload).toBe(true);
      expect([found.qos, found.retain, found.dup]).toEqual([message.qos, message.retain, false]);
      expect(found.messageId).toBe(message.qos === 0 ? undefined : packetId);
      expect(found.properties?.messageExpiryInterval).toBe(expiry_s);
      expect(found.properties?.responseTopic).toBe(message.responseTopic);
      const { correlationData } = message;
      expect({ ...found.properties?.userProperties }).toEqual(message.properties ?? {});
      expect(found.properties?.correlationData).toEqual(correlationData && Buffer.from(correlationData));
    }),
    { numRuns: 300 },
  );
});

test('packet ids go round and leave out those in flight', () => {
  expect(nextPublishId(0, new Map())).toBe(1);
  expect(nextPublishId(60_000, new Map([[1, true]]))).toBe(2);
});
