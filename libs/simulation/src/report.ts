import type { Violation } from './guarantees/violation.ts';
import { run, type RunOptions } from './run.ts';
import type { Wishes } from './scenario/generate.ts';
import type { Scenario } from './scenario/scenario.ts';
import { shrink } from './shrink.ts';

/** Lines of a story that are printed; the last ones, where it broke, say most. */
const MOST_LINES = 120;

/** The command that runs a seed again. */
export function replayCommand(seed: number, { monitors, devices, links }: Wishes): string {
  const options = [
    `--seed ${seed}`,
    ...(monitors === undefined ? [] : [`--monitors ${monitors}`]),
    ...(devices === undefined ? [] : [`--devices ${devices}`]),
    ...(links === undefined ? [] : [`--links ${links}`]),
  ];
  return `npm run simulate -- ${options.join(' ')}`;
}

/** What a person needs of a failure: the seed, the command that replays it, and the shortest story of it. */
export function reportFailure(
  scenario: Scenario,
  violation: Violation,
  wishes: Wishes,
  options: RunOptions = {},
): string {
  const shrunk = shrink(scenario, violation, options);
  const { story } = run(shrunk.scenario, { ...options, fullStory: true });
  const lines = story.lines(shrunk.violation.device);
  return [
    `seed ${scenario.seed}: ${violation.message}`,
    `replay: ${replayCommand(scenario.seed, wishes)}`,
    `shrunk to ${count(shrunk.scenario.faults.length, 'fault')} (of ${scenario.faults.length}): ${shrunk.violation.message}`,
    setting(shrunk.scenario),
    ...(lines.length > MOST_LINES ? [`    … ${lines.length - MOST_LINES} lines before`] : []),
    ...lines.slice(-MOST_LINES),
  ].join('\n');
}

/** What a scenario begins with, in words. */
export function setting({ links, monitors, policy, weather, queueLimit }: Scenario): string {
  const devices = new Set(monitors.flatMap(({ file }) => file.map(({ device }) => device)));
  const each = monitors.map(
    ({ monitor, site, capacity, broker, present }) =>
      `${monitor} (${site}, capacity ${capacity}${broker === monitor ? '' : `, on ${broker}`}${present ? '' : ', not there yet'})`,
  );
  const { monitors_per_device, mode } = policy;
  return `${each.join(', ')}; ${count(devices.size, 'device')} from files; k = ${monitors_per_device}, ${mode}; over ${links === 'both' ? 'mqtt and the database' : links}, up to ${weather.delay_ms[1]} ms on the way, queues of ${queueLimit}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
