import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How the tests of one run, or of many, came out. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Where the runners of one `npm test` write their tallies. */
export const TALLIES_VARIABLE = 'TEST_TALLIES';

/** Adds up what the runners wrote. */
export async function readTallies(folder: string): Promise<Tally> {
  const files = await readdir(folder);
  const tallies = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as Tally),
  );
  return tallies.reduce((sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }), {
    passed: 0,
    failed: 0,
  });
}

/**
 * What to say at the end. A runner that failed without naming a failed test, because it died or found no test, counts
 * as one failure: silence is no success.
 *
 * @param exitCode of all the runners together
 */
export function closing(tally: Tally, exitCode: number): { readonly line: string; readonly exitCode: number } {
  const unexplained = tally.failed === 0 && (exitCode !== 0 || tally.passed === 0);
  const failed = unexplained ? 1 : tally.failed;
  return { line: `${tally.passed} passed, ${failed} failed`, exitCode: failed === 0 ? 0 : exitCode || 1 };
}
