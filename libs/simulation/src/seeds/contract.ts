import { expect, it } from 'vitest';
import { reportFailure } from '../report.ts';
import { run } from '../run.ts';
import { generate, type Wishes } from '../scenario/generate.ts';

/** Seeds in one test: enough to be quick to list, few enough to tell how far it is. */
const BLOCK = 50;

/** Each block of seeds has this, on a machine that others use as well. */
const PATIENCE_ms = 180_000;

/**
 * Tests that every guarantee holds in so many seeds. The seeds stand in several files, so that they run on several
 * cores.
 */
export function holdsInSeeds(from: number, count: number, wishes: Wishes = {}, block = BLOCK): void {
  for (let first = from; first < from + count; first += block) {
    const last = Math.min(first + block, from + count) - 1;
    it(`holds every guarantee in the seeds ${first} to ${last}`, { timeout: PATIENCE_ms }, () => {
      let settled = 0;
      for (let seed = first; seed <= last; seed++) {
        const scenario = generate(seed, wishes);
        const { violation, tested } = run(scenario);
        if (violation !== undefined) expect.fail(reportFailure(scenario, violation, wishes));
        settled += tested.settled;
      }
      // A run in which nothing was ever quiet would prove nothing.
      expect(settled).toBeGreaterThan(last - first);
    });
  }
}
