import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { TALLIES_VARIABLE, type Tally } from './tally.ts';

/** A Vitest reporter that leaves the counts of its run in a file, for `npm test` to add up. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const folder = process.env[TALLIES_VARIABLE];
    if (folder === undefined) throw new Error(`${TALLIES_VARIABLE} does not say where to write the tally`);
    let passed = 0;
    // A file that does not load and a suite whose preparation fails are failures that no test of theirs can show.
    let failed = unhandledErrors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
    }
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify({ passed, failed } satisfies Tally));
  }
}
