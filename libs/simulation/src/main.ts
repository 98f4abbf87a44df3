import { Command, InvalidArgumentError, Option } from 'commander';
import { performance } from 'node:perf_hooks';
import { reportFailure } from './report.ts';
import { run } from './run.ts';
import { generate } from './scenario/generate.ts';
import type { Links } from './scenario/scenario.ts';

interface Options {
  readonly seeds: number;
  readonly seed?: number;
  readonly from: number;
  readonly monitors?: number;
  readonly devices?: number;
  readonly links?: Links;
  readonly json: boolean;
  readonly keepGoing: boolean;
}

/** The progress line is written again this often. */
const PROGRESS_ms = 2000;

const atLeast =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < least)
      throw new InvalidArgumentError(`must be a whole number from ${least} up.`);
    return number;
  };

const command: Command = new Command('simulate')
  .description('Runs the core through made-up faults, each decided by a seed, and holds it to its guarantees.')
  .option('--seeds <n>', 'how many seeds', atLeast(1), 1000)
  .option('--from <seed>', 'the first of them', atLeast(0), 0)
  .option('--seed <seed>', 'this seed only, with its whole story', atLeast(0))
  .option('--monitors <n>', 'how many monitors, up to 60 or so (default: 3 to 8, by the seed)', atLeast(2))
  .option('--devices <n>', 'how many devices (default: 10 to 60, by the seed)', atLeast(1))
  .addOption(
    new Option('--links <links>', 'what carries the state (default: by the seed)').choices([
      'mqtt',
      'database',
      'both',
    ]),
  )
  .option('--keep-going', 'go on after a failure', false)
  .option('--json', 'one JSON object on stdout', false)
  .addHelpText(
    'after',
    `
Exits with 1 when a guarantee was broken; what happened is printed, shrunk, with the command that replays it.

Examples:
  npm run simulate -- --seeds 10000
  npm run simulate -- --seeds 20 --monitors 60 --devices 1000
  npm run simulate -- --seed 4711                 run one seed again and tell its story
  npm run simulate -- --links database --json`,
  )
  .parse();

const options = command.opts<Options>();
const { seed, monitors, devices, links } = options;
const wishes = { monitors, devices, links };
const seeds = seed === undefined ? Array.from({ length: options.seeds }, (_, index) => options.from + index) : [seed];
const failures: { seed: number; guarantee: number; message: string; report: string }[] = [];
const tested = { settled: 0, moves: 0 };
const begin_ms = performance.now();
let told_ms = begin_ms;
let done = 0;
for (const one of seeds) {
  const scenario = generate(one, wishes);
  const { violation, story, tested: by } = run(scenario, { fullStory: seed !== undefined });
  tested.settled += by.settled;
  tested.moves += by.moves;
  done++;
  if (violation !== undefined) {
    const report = reportFailure(scenario, violation, wishes);
    failures.push({ seed: one, guarantee: violation.guarantee, message: violation.message, report });
    if (!options.json) process.stdout.write(`${report}\n\n`);
    if (!options.keepGoing) break;
  } else if (seed !== undefined && !options.json) {
    process.stdout.write(`${story.lines().join('\n')}\n`);
  }
  if (performance.now() - told_ms > PROGRESS_ms) {
    told_ms = performance.now();
    process.stderr.write(`simulate: ${done} of ${seeds.length} seeds, ${failures.length} failed\n`);
  }
}
const seconds = Number(((performance.now() - begin_ms) / 1000).toFixed(1));
if (options.json) process.stdout.write(`${JSON.stringify({ seeds: done, seconds, tested, failures })}\n`);
else {
  process.stdout.write(
    `${done} seeds in ${seconds} s: ${failures.length === 0 ? 'every guarantee held' : `${failures.length} failed`}` +
      ` (${tested.settled} settled parts, ${tested.moves} joins and leaves counted)\n`,
  );
}
process.exitCode = failures.length === 0 ? 0 : 1;
