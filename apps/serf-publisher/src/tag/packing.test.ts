import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { pack, unpack } from './packing.ts';
import { toCloudy } from './cloudy-record.ts';
import { anyRecordOfOthers, anyService, HOST, typicalServices } from './services.testdata.ts';
import { TagError, type TagMistake } from './tag-error.ts';

/** What Cloudy's nodes read a tag with. */
function bunzip2(text: string): string {
  return execFileSync('bash', ['-c', 'base64 -d | bunzip2'], { input: text, encoding: 'utf8' });
}

function bzip2(input: string | Uint8Array, level = 9): string {
  return execFileSync('bzip2', [`-${level}`], { input }).toString('base64');
}

function mistakeOf(text: string): TagMistake | undefined {
  try {
    unpack(text);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(TagError);
    return (error as TagError).mistake;
  }
}

describe('the text of a tag', { timeout: 120_000 }, () => {
  test('is read by base64 and bunzip2, and is byte for byte what bzip2 itself makes', () => {
    const records = typicalServices(12).map((each) => ({ ...toCloudy(each, HOST) }));
    const text = pack(records);
    expect(JSON.parse(bunzip2(text))).toEqual(records);
    expect(text).toBe(bzip2(`${JSON.stringify(records)}\n`, 1));
    expect(bunzip2(pack([]))).toBe('[]\n');
  });

  test.each([1, 5, 9])('is read as bzip2 -%i packs it', (level) => {
    const records = typicalServices(12).map((each) => ({ ...toCloudy(each, HOST) }));
    expect(unpack(bzip2(JSON.stringify(records), level))).toEqual(records);
  });

  test('is read in lines as base64 breaks them by itself', () => {
    const text = pack([{ s: 'http' }]);
    expect(unpack(`${text.slice(0, 40)}\n${text.slice(40)}\n`)).toEqual([{ s: 'http' }]);
  });

  test('gives back what was packed, whatever it is, as long as it is short enough', () => {
    const record = fc.oneof(
      anyRecordOfOthers,
      anyService.map((each) => ({ ...toCloudy(each, HOST) })),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (records) => {
        const text = pack(records);
        fc.pre(text.length <= 512);
        expect(JSON.stringify(unpack(text))).toBe(JSON.stringify(records));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a few records is read by bunzip2, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(anyRecordOfOthers, { maxLength: 6 }), (records) => {
        expect(JSON.parse(bunzip2(pack(records)))).toEqual(JSON.parse(JSON.stringify(records)));
      }),
      { numRuns: 30 },
    );
  });

  test.each<[string, () => string, TagMistake]>([
    ['of megabytes', () => 'A'.repeat(4_000_000), 'length'],
    ['of 513 characters', () => 'A'.repeat(513), 'length'],
    ['that is not base64', () => 'QlpoOTFBWSZTW*', 'base64'],
    ['of base64 that is cut', () => pack([{}]).slice(0, -1), 'base64'],
    ['of base64 for web addresses', () => `${'A'.repeat(10)}-_`, 'base64'],
    ['with nothing in it', () => '', 'bzip2'],
    ['of gzip', () => execFileSync('gzip', [], { input: '[]' }).toString('base64'), 'bzip2'],
    ['that ends too early', () => bzip2('[{"s":"http"}]').slice(0, 40), 'bzip2'],
    ['with a wrong checksum', () => broken(), 'bzip2'],
    ['that unpacks to 45 MB in one block', () => bzip2(new Uint8Array(45_000_000)), 'bzip2'],
    ['that unpacks to 5 MB in small blocks', () => bzip2(new Uint8Array(5_000_000), 1), 'bzip2'],
    ['that unpacks to 33 kB', () => bzip2(' '.repeat(33_000)), 'bzip2'],
    ['that is not UTF-8', () => bzip2(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)), 'utf-8'],
    ['that is not JSON', () => bzip2('[{"s":"http"}'), 'json'],
    ['of one record without its array', () => bzip2('{"s":"http"}'), 'json'],
    ['of nothing', () => bzip2('null'), 'json'],
    ['nested ten thousand levels deep', () => bzip2('['.repeat(10_000) + ']'.repeat(10_000)), 'json'],
    ['of escaped quotes without end', () => bzip2(`["${'\\"'.repeat(16_000)}`), 'json'],
    ['with 257 records', () => bzip2(`[${Array(257).fill('{}').join()}]`), 'json'],
    ['with a text for a record', () => bzip2('[{},"http"]'), 'record'],
    ['with an array for a record', () => bzip2('[[]]'), 'record'],
  ])('%s is refused', (_, text, mistake) => {
    expect(mistakeOf(text())).toBe(mistake);
  });

  test('of whatever bytes is read or refused, and never fails otherwise', () => {
    const packed = Buffer.from(pack(typicalServices(4).map((each) => ({ ...toCloudy(each, HOST) }))), 'base64');
    const damaged = fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
      const bytes = Buffer.from(packed);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes.toString('base64');
    });
    const noise = fc.uint8Array({ maxLength: 380 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    const headed = fc
      .uint8Array({ maxLength: 370 })
      .map((bytes) => Buffer.concat([Buffer.from('BZh91AY&SY'), bytes]).toString('base64'));
    fc.assert(
      fc.property(fc.oneof(damaged, noise, headed, fc.string({ maxLength: 520 })), (text) => {
        mistakeOf(text);
      }),
      { numRuns: 5_000 },
    );
    // The library is as good as new after all that.
    expect(unpack(pack([{ s: 'http' }]))).toEqual([{ s: 'http' }]);
  });
});

function broken(): string {
  const bytes = Buffer.from(bzip2('[{"s":"http"}]'), 'base64');
  bytes.writeUInt8(bytes.readUInt8(12) ^ 0xff, 12);
  return bytes.toString('base64');
}
