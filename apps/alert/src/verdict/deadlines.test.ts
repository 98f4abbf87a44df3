import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Deadlines } from './deadlines.ts';

it('names whoever is due, and never later than it is', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({ device: ids, due_ms: fc.option(fc.nat(50), { nil: undefined }) }),
    fc.record({ now_ms: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const deadlines = new Deadlines();
      const known = new Map<string, number>();
      for (const step of steps) {
        if ('device' in step) {
          deadlines.set(step.device, step.due_ms);
          if (step.due_ms === undefined) known.delete(step.device);
          else known.set(step.device, step.due_ms);
          expect(deadlines.next_ms).toBeLessThanOrEqual(Math.min(...known.values()));
          continue;
        }
        const due = [...known].filter(([, due_ms]) => due_ms <= step.now_ms).map(([device]) => device);
        expect(new Set(deadlines.due(step.now_ms))).toEqual(new Set(due));
      }
      deadlines.due(Infinity);
      expect(deadlines.next_ms).toBe(Math.min(...known.values()));
    }),
  );
});
