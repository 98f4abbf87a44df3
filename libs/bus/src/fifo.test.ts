import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Fifo } from './fifo.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

test('a queue gives what a plain array would', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 700 }) }) },
    { weight: 2, arbitrary: fc.record({ shift: fc.integer({ min: 1, max: 900 }) }) },
    { weight: 1, arbitrary: fc.record({ putBack: fc.integer({ min: 0, max: 5 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const fifo = new Fifo<number>();
      let plain: number[] = [];
      let next = 0;
      for (const action of steps) {
        if ('push' in action) {
          for (let n = 0; n < action.push; n += 1) {
            fifo.push(next);
            plain.push(next);
            next += 1;
          }
        } else if ('shift' in action) {
          for (let n = 0; n < action.shift; n += 1) expect(fifo.shift()).toBe(plain[n]);
          plain = plain.slice(action.shift);
        } else {
          const items = Array.from({ length: action.putBack }, (_, n) => -n);
          fifo.putBack(items);
          plain = [...items, ...plain];
        }
        expect(fifo.size).toBe(plain.length);
        expect(fifo.peek()).toBe(plain[0]);
      }
    }),
  );
});
