import { channels } from '@guaita/messages';
import type { UserEvent } from '@guaita/serf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toldEvent } from './told-event.ts';

const AT = '2026-03-02T12:00:00.000Z';

function event(change: Partial<UserEvent> = {}): UserEvent {
  return { kind: 'user', name: 'deploy', payload: Buffer.from('v2'), coalesce: false, lamportTime: 7n, ...change };
}

describe('a user event', () => {
  it('is told as it was sent', () => {
    expect(toldEvent(event(), AT)).toEqual({
      id: 'deploy',
      event: { name: 'deploy', payload: 'v2', encoding: 'utf-8', lamport_time: '7', at: AT },
    });
  });

  it.each<[string, number[], string, string]>([
    ['nothing', [], '', 'utf-8'],
    ['UTF-8', [0xc3, 0xa9, 0x0a, 0x00], 'é\n\0', 'utf-8'],
    ['a mark of byte order', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa', 'utf-8'],
    ['bytes that are no UTF-8', [0xff, 0x00], '/wA=', 'base64'],
    ['half of a character', [0xc3], 'ww==', 'base64'],
  ])('that holds %s loses nothing of it', (_, bytes, payload, encoding) => {
    expect(toldEvent(event({ payload: Uint8Array.from(bytes) }), AT)?.event).toMatchObject({ payload, encoding });
  });

  it('is told under an id', () => {
    const id = (name: string): string | undefined => toldEvent(event({ name }), AT)?.id;
    expect(['guaita/monitor/#', '$SYS/+', 'Deploy now', '../x', '¿?', ''].map(id)).toEqual([
      ...['guaita-monitor', 'sys', 'deploy-now', 'x', undefined, undefined],
    ]);
  });

  it('is bounded', () => {
    expect(toldEvent(event({ payload: new Uint8Array(9_216) }), AT)).toBeDefined();
    expect(toldEvent(event({ payload: new Uint8Array(9_217) }), AT)).toBeUndefined();
    expect(toldEvent(event({ name: 'x'.repeat(9_000) }), AT)?.event.name).toHaveLength(255);
  });

  it('never breaks the contract, whoever sends it', { timeout: 60_000 }, () => {
    const anyEvent = fc.record({
      name: fc.string({ unit: 'binary', maxLength: 400 }),
      payload: fc.uint8Array({ maxLength: 600 }),
      lamportTime: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    });
    fc.assert(
      fc.property(anyEvent, (some) => {
        const told = toldEvent(event(some), AT);
        if (told === undefined) return;
        const topic = channels.serfEvent.topic('guaita', { name: told.id });
        expect(topic.split('/')).toHaveLength(4);
        expect(topic).not.toMatch(/[+#\s]/);
        const { payload, encoding } = channels.serfEvent.decode(
          topic,
          Buffer.from(channels.serfEvent.encode(told.event)),
        );
        const bytes = Buffer.from(payload, encoding === 'base64' ? 'base64' : 'utf8');
        expect(Buffer.compare(bytes, some.payload)).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
