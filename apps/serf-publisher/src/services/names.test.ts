import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onOneLine, serviceType } from './names.ts';

describe('serviceType', () => {
  it.each([
    ['http', 'http'],
    ['HTTP/2', 'http-2'],
    ['Peer_Streamer', 'peer-streamer'],
    ['kubernetes.io/ws', 'kubernetes-io-w'],
    ['a--b', 'a-b'],
    ['Ràdio', 'radio'],
    ['-x-', 'x'],
    ['exactly-fifteen-and-more', 'exactly-fifteen'],
    ['fourteen-then--x', 'fourteen-then-x'],
    ['guaita/service/#', 'guaita-service'],
  ])('makes of %j the type %j', (word, type) => {
    expect(serviceType(word)).toBe(type);
  });

  it.each(['', '8080', '¿?', '+', '...'])('makes nothing of %j', (word) => {
    expect(serviceType(word)).toBeUndefined();
  });

  it('gives a type of RFC 6335 or nothing, and leaves types as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (word) => {
        const type = serviceType(word);
        if (type === undefined) return;
        expect(type).toMatch(/^(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/);
        expect(serviceType(type)).toBe(type);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('onOneLine', () => {
  it.each([
    ['a\r\n\tb', 'a b'],
    ['  \u0000\u202e x ', 'x'],
    ['\ud800', '\ufffd'],
    ['x'.repeat(1000), 'x'.repeat(255)],
    ['🙂'.repeat(300), '🙂'.repeat(255)],
  ])('makes of %j one line', (text, line) => {
    expect(onOneLine(text)).toBe(line);
  });

  it('gives whole characters on one line, and leaves such texts as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        const line = onOneLine(text);
        expect(line.isWellFormed()).toBe(true);
        expect([...line].length).toBeLessThanOrEqual(255);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(onOneLine(line)).toBe(line);
      }),
    );
  });
});
