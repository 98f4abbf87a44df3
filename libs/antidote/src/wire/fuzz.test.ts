import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRDT_TYPES, object, type BoundObject, type CrdtType, type Field } from '../crdt.ts';
import { firstValue } from '../double/state.ts';
import { readRequest } from '../double/read-request.ts';
import { staticReadReply } from '../double/write-reply.ts';
import { AntidoteError, ProtocolError } from '../errors.ts';
import type { Operation, Update } from '../update.ts';
import { MapValue, type Value } from '../value.ts';
import { encodeFrame, FrameReader, type Frame } from './frames.ts';
import { answerTo, readDone, readOpaque, readSnapshot, readValues } from './replies.ts';
import * as requests from './requests.ts';

/** A hundred thousand cases take some seconds; a loaded machine may take a minute. */
const PATIENCE_ms = 120_000;

const bytes = fc.uint8Array({ maxLength: 20 });
const type = fc.constantFrom(...(Object.keys(CRDT_TYPES) as CrdtType[]));
const frame: fc.Arbitrary<Frame> = fc.record({ code: fc.nat(255), body: fc.uint8Array({ maxLength: 300 }) });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const field: fc.Arbitrary<Field> = fc.record({ type, key: bytes });
const bound: fc.Arbitrary<BoundObject> = fc.record({ type, key: bytes, bucket: bytes });

const { operation } = fc.letrec<{ operation: Operation }>((tie) => ({
  operation: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('increment' as const), by: int64 }),
    fc.record({ kind: fc.constant('add' as const), elements: fc.array(bytes) }),
    fc.record({ kind: fc.constant('remove' as const), elements: fc.array(bytes) }),
    fc.record({ kind: fc.constant('assign' as const), value: bytes }),
    fc.record({ kind: fc.constant('flag' as const), value: fc.boolean() }),
    fc.record({ kind: fc.constant('reset' as const) }),
    fc.record({
      kind: fc.constant('map' as const),
      updates: fc.array(fc.record({ target: field, operation: tie('operation') }), { maxLength: 3 }),
      removed: fc.array(field, { maxLength: 3 }),
    }),
  ),
}));
const update: fc.Arbitrary<Update<BoundObject>> = fc.record({ target: bound, operation });

/** Any value of a type; maps hold first values, which is enough to have all types in them. */
function valueOf(of: CrdtType): fc.Arbitrary<Value> {
  const first = firstValue(of);
  if (typeof first === 'bigint') return int64;
  if (typeof first === 'boolean') return fc.boolean();
  if (first instanceof Uint8Array) return bytes;
  if (!(first instanceof MapValue)) return fc.array(bytes);
  return fc
    .array(field)
    .map((fields) => new MapValue(fields.map((key) => ({ field: key, value: firstValue(key.type) }))));
}

/** Bytes compare by what they hold, whatever class they came in. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => {
      if (inner instanceof Uint8Array) return `bytes ${Buffer.from(inner).toString('hex')}`;
      return typeof inner === 'bigint' ? `integer ${inner}` : inner;
    }).replaceAll(/\{"type":"Buffer","data":\[([\d,]*)\]\}/g, (_, list: string) =>
      JSON.stringify(`bytes ${Buffer.from(list === '' ? [] : list.split(',').map(Number)).toString('hex')}`),
    ),
  );

describe('frames', { timeout: PATIENCE_ms }, () => {
  test('come out as they went in, however the stream cuts them', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (frames, cuts) => {
          const stream = Buffer.concat(frames.map(encodeFrame));
          const reader = new FrameReader(1000);
          const read: Frame[] = [];
          for (let at = 0; at < stream.length;) {
            const [cut = 1] = cuts.take(1);
            read.push(...reader.push(stream.subarray(at, at + cut)));
            at += cut;
          }
          expect(plain(read)).toEqual(plain(frames));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('of any bytes are read, waited for or refused: 100,000 streams', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 6 }), (pieces) => {
        const reader = new FrameReader(64);
        try {
          for (const piece of pieces) reader.push(piece);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          refused += 1;
        }
      }),
      { numRuns: 100_000 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});

test('requests are understood as they were meant', { timeout: PATIENCE_ms }, () => {
  fc.assert(
    fc.property(fc.array(update, { maxLength: 5 }), fc.array(bound), bytes, (updates, objects, opaque) => {
      const transaction = Buffer.from(opaque).toString('hex');
      const pairs: [requests.Request, unknown][] = [
        [requests.staticUpdate(updates, opaque), { kind: 'static update', updates, after: opaque }],
        [requests.staticRead(objects), { kind: 'static read', objects }],
        [requests.updateObjects(updates, opaque), { kind: 'update', updates, transaction }],
        [requests.readObjects(objects, opaque), { kind: 'read', objects, transaction }],
        [requests.startTransaction(opaque), { kind: 'start', after: opaque }],
        [requests.commitTransaction(opaque), { kind: 'commit', transaction }],
        [requests.abortTransaction(opaque), { kind: 'abort', transaction }],
        [requests.connectToDcs([opaque, opaque]), { kind: 'connect', descriptors: [opaque, opaque] }],
        [requests.createDc(['antidote@a', 'b']), { kind: 'create', nodes: ['antidote@a', 'b'] }],
        [requests.getConnectionDescriptor(), { kind: 'descriptor' }],
      ];
      for (const [request, meant] of pairs) expect(plain(readRequest(request))).toEqual(plain(meant));
    }),
    { numRuns: 500 },
  );
});

test('values are read as they were sent', { timeout: PATIENCE_ms }, () => {
  const read = fc.array(bound.chain((one) => valueOf(one.type).map((value) => [one, value] as const)));
  fc.assert(
    fc.property(read, bytes, (sent, clock) => {
      const objects = sent.map(([one]) => one);
      const request = requests.staticRead(objects);
      const snapshot = readSnapshot(request, objects, answerTo(request, staticReadReply(sent, clock)));
      expect(plain(snapshot)).toEqual(plain({ values: sent.map(([, value]) => value), clock }));
    }),
    { numRuns: 1000 },
  );
});

describe('answers', { timeout: PATIENCE_ms }, () => {
  const wanted = (Object.keys(CRDT_TYPES) as CrdtType[]).map((one) => object(one, one, 'b'));
  const readers: [requests.Request, (request: requests.Request, body: Uint8Array) => unknown][] = [
    [requests.staticRead(wanted), (request, body) => readSnapshot(request, wanted, body)],
    [requests.readObjects(wanted, new Uint8Array()), (request, body) => readValues(request, wanted, body)],
    [requests.staticUpdate([]), readOpaque],
    [requests.updateObjects([], new Uint8Array()), readDone],
  ];
  const good = staticReadReply(
    wanted.map((one) => [one, firstValue(one.type)] as const),
    Buffer.from('clock'),
  ).body;
  /** Bytes that mean nothing, and good answers with some bytes changed or cut off. */
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }), fc.nat(good.length))
      .map(([changes, length]) => {
        const changed = Uint8Array.from(good);
        for (const [at, byte] of changes) changed[at] = byte;
        return changed.subarray(0, length);
      }),
  );

  test('of any bytes are read or refused, by an error of ours: 100,000 answers', () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(body, fc.nat(readers.length - 1), fc.boolean(), (content, which, wrongCode) => {
        const [request, read] = readers[which] ?? readers[0]!;
        try {
          read(request, answerTo(request, { code: wrongCode ? 0 : request.answer, body: content }));
          outcomes.read += 1;
        } catch (error) {
          if (!(error instanceof AntidoteError)) throw error;
          outcomes.refused += 1;
        }
      }),
      { numRuns: 100_000 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(0);
  });

  test('with a map without bottom are refused', () => {
    let value: Uint8Array = Buffer.from([0x32, 0]);
    for (let depth = 0; depth < 100; depth += 1) value = mapAround(value);
    const readReply = Buffer.concat([Buffer.from([8, 1]), lengthDelimited(2, value)]);
    const map = object('map_rr', 'm', 'b');
    const request = requests.readObjects([map], new Uint8Array());
    expect(() => readValues(request, [map], readReply)).toThrow(/a map 65 deep came/);
  });
});

function lengthDelimited(number: number, content: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), content]);
}

function mapAround(inner: Uint8Array): Buffer {
  const key = lengthDelimited(1, Buffer.concat([lengthDelimited(1, Buffer.from('k')), Buffer.from([0x10, 11])]));
  return lengthDelimited(6, lengthDelimited(1, Buffer.concat([key, lengthDelimited(2, inner)])));
}
