import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lines } from './lines.ts';

const piece = fc.oneof(
  fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -1000, max: 1000 })).map((whole) => ({ whole })),
  fc.oneof(fc.string({ unit: 'binary' }), fc.string()).map((text) => ({ text })),
  fc.integer({ min: 0, max: 0x7f }).map((character) => ({ character })),
);

function asField(text: string): string {
  return text === '' || /[",\n\r ]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

test('hold what was added, byte by byte, however it was written', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 100 }), fc.integer({ min: 1, max: 64 }), (pieces, first_bytes) => {
      const lines = new Lines(first_bytes);
      for (const each of pieces) {
        if ('whole' in each) lines.whole(each.whole);
        else if ('text' in each) lines.field(each.text);
        else lines.character(each.character);
      }
      const wanted = pieces.map((each) => {
        if ('whole' in each) return String(each.whole);
        return 'text' in each ? asField(each.text) : String.fromCharCode(each.character);
      });
      const bytes = Buffer.from(wanted.join(''));
      // Joined, two halves of a character would be one.
      fc.pre(pieces.every((each) => !('text' in each) || each.text.isWellFormed()));
      expect(lines.bytes.equals(bytes)).toBe(true);
      lines.clear();
      lines.whole(7);
      expect(String(lines.bytes)).toBe('7');
    }),
  );
});

test('write numbers of any size', () => {
  for (const whole of [
    0,
    -0,
    9,
    10,
    999_999_999,
    1e9,
    1_764_000_000_000,
    2 ** 53 - 1,
    1 - 2 ** 53,
    1_000_000_000_000,
  ]) {
    const lines = new Lines(1);
    lines.whole(whole);
    expect(String(lines.bytes)).toBe(String(whole));
  }
});
