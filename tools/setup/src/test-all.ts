import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program.mjs';
import { closing, readTallies, TALLIES_VARIABLE } from './tally.ts';

/**
 * Two projects at a time: most tests wait for real programs and for timers, and more than two would make small machines
 * miss the deadlines they hold those programs to.
 */
const PARALLEL = 2;

/**
 * Ends a test that hangs. Vitest's own 5 s would fail honest tests on a small machine that is busy: how long a test takes
 * is no part of what it asserts.
 */
const PATIENCE_MS = 60_000;

const workspace = join(import.meta.dirname, '../../..');
const folder = await mkdtemp(join(tmpdir(), 'guaita-tallies-'));
try {
  const code = await runProgram(
    join(workspace, 'node_modules/.bin/nx'),
    [
      ...['run-many', '-t', 'test', '--output-style=static', `--parallel=${PARALLEL}`, ...process.argv.slice(2)],
      ...['--', '--reporter=default', `--reporter=${join(import.meta.dirname, 'tally-reporter.ts')}`],
      ...[`--testTimeout=${PATIENCE_MS}`, `--hookTimeout=${PATIENCE_MS}`],
    ],
    { cwd: workspace, env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', [TALLIES_VARIABLE]: folder } },
  );
  const { line, exitCode } = closing(await readTallies(folder), code);
  console.log(`\n${line}`);
  process.exitCode = exitCode;
} finally {
  await rm(folder, { recursive: true });
}
