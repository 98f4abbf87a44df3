import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { encoded } from './encode.ts';
import { Packr } from './msgpack.ts';
import { ValueReader } from './value-reader.ts';
import { ValueScanner } from './value-scanner.ts';

/** A hundred thousand cases take some seconds; a loaded machine may take a minute. */
const PATIENCE_ms = 120_000;

const BOUNDS = { most_bytes: 100_000, most_values: 10_000 };

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: 0, max: 70_000 }).map((length) => 'x'.repeat(length)),
);
const bytes = fc.uint8Array({ maxLength: 300 });

/** Values as Serf's answers have them: records of scalars, lists and records, a few deep. */
const { record } = fc.letrec<{ record: Map<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double({ noNaN: true }),
    text,
    bytes,
    fc.array(tie('value'), { maxLength: 20 }),
    tie('record'),
  ),
  record: fc
    .array(fc.tuple(fc.string({ unit: 'binary', maxLength: 40 }), tie('value')), { maxLength: 20 })
    .map((entries) => new Map(entries)),
}));

/** Bytes compare by what they hold, whatever class they came in. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Map) return [...value].map(([key, inner]) => [plain(key), plain(inner)]);
  // An integer as a float is an integer again, and a half of a surrogate pair is no text.
  if (Object.is(value, -0)) return 0;
  if (typeof value === 'string') return Buffer.from(value).toString();
  return Array.isArray(value) ? value.map(plain) : value;
}

const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 400 }));

/** All that a reader makes of a stream which comes in pieces. */
function readAll(reader: ValueReader, stream: Uint8Array, next: () => number): unknown[] {
  const read: unknown[] = [];
  for (let at = 0; at < stream.length;) {
    const cut = next();
    // What the system gives is used again for the next piece.
    const piece = Uint8Array.from(stream.subarray(at, at + cut));
    read.push(...reader.push(piece));
    piece.fill(0xc1);
    at += cut;
  }
  return read;
}

describe('values', { timeout: PATIENCE_ms }, () => {
  test('come out as they went in, however the stream cuts them', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), cuts, (values, cut) => {
        const reader = new ValueReader({ most_bytes: 10_000_000, most_values: 100_000 });
        const read = readAll(reader, encoded(...values), () => cut.next().value as number);
        expect(plain(read)).toEqual(plain(values));
      }),
      { numRuns: 500 },
    );
  });

  test('come out byte by byte', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), bytes, { maxKeys: 5 }), { maxLength: 4 }), (values) => {
        const read = readAll(new ValueReader(BOUNDS), encoded(...values), () => 1);
        expect(plain(read)).toEqual(plain(values.map((value) => new Map(Object.entries(value)))));
      }),
      { numRuns: 500 },
    );
  });

  test('end where the encoder ends them', () => {
    const packr = new Packr({ useRecords: false });
    fc.assert(
      fc.property(record, bytes, (value, behind) => {
        const packed = packr.pack(value);
        const scanner = new ValueScanner({ most_bytes: 10_000_000, most_values: 100_000 });
        expect(scanner.scan(packed.subarray(0, packed.length - 1))).toBeUndefined();
        expect(scanner.scan(Buffer.concat([packed, behind]))).toBe(packed.length);
      }),
    );
  });

  test('of any bytes are read, waited for or refused: 100,000 streams', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 6 }), (pieces) => {
        const reader = new ValueReader({ most_bytes: 64, most_values: 16 });
        try {
          for (const piece of pieces) for (const value of reader.push(piece)) expect(value).not.toBeUndefined();
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          refused += 1;
        }
      }),
      { numRuns: 100_000 },
    );
    expect(refused).toBeGreaterThan(0);
  });

  test('of names that are properties of objects are names', () => {
    const [value] = readAll(new ValueReader(BOUNDS), encoded(new Map([['__proto__', 1]])), () => 1);
    expect(value).toEqual(new Map([['__proto__', 1]]));
  });

  test('do not keep the whole of what they came in', () => {
    const [value] = readAll(new ValueReader(BOUNDS), encoded([new Uint8Array(9), 'x'.repeat(9_000)]), () => 100);
    const [kept] = value as [Uint8Array];
    expect(kept.buffer.byteLength).toBe(9);
  });
});

describe('bounds', () => {
  const scan = (values: number[], bounds = BOUNDS) => new ValueScanner(bounds).scan(Uint8Array.from(values));

  test('are kept by what a value announces, before it has come', () => {
    expect(scan([0xc6, 0, 1, 0x86, 0x9b])).toBeUndefined();
    expect(() => scan([0xc6, 0, 1, 0x86, 0x9c])).toThrow('an answer of more than 100000 bytes comes');
    expect(() => scan([0xdf, 0xff, 0xff, 0xff, 0xff])).toThrow('an answer of more than 10000 values comes');
  });

  test('are of a value and all it holds', () => {
    const bounds = { most_bytes: 100, most_values: 8 };
    expect(scan([0x92, 0x93, 1, 2, 3, 0x93, 4, 5, 6], bounds)).toBe(9);
    expect(() => scan([0x92, 0x93, 1, 2, 3, 0x94, 4, 5, 6, 7], bounds)).toThrow(/more than 8 values/);
    expect(() => scan([0x92, 0xd9, 90, ...new Array<number>(90).fill(65), 0xd9, 90], bounds)).toThrow(/100 bytes/);
  });

  test('begin anew with the next value', () => {
    const reader = new ValueReader({ most_bytes: 10, most_values: 8 });
    const value = [0x94, 1, 2, 3, 4];
    expect([...reader.push(Uint8Array.from([...value, ...value, ...value]))]).toHaveLength(3);
  });
});
