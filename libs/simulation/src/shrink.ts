import type { Violation } from './guarantees/violation.ts';
import { run, type RunOptions } from './run.ts';
import type { Scenario } from './scenario/scenario.ts';

/** A smaller scenario that breaks the same guarantee. */
export interface Shrunk {
  readonly scenario: Scenario;
  readonly violation: Violation;
}

/** Runs that shrinking may take; a story that is not the shortest is still a story. */
const MOST_RUNS = 400;

/**
 * Drops faults, then devices' and monitors' worth of them, while the same guarantee still breaks: first halves, then
 * ever smaller pieces (Zeller's delta debugging, on the list of faults), and whatever comes after the failure.
 */
export function shrink(scenario: Scenario, violation: Violation, options: RunOptions = {}): Shrunk {
  let best: Shrunk = { scenario, violation };
  let runs = 0;
  const attempt = (smaller: Scenario): boolean => {
    if (++runs > MOST_RUNS) return false;
    const found = run(smaller, options).violation;
    if (found?.guarantee !== violation.guarantee) return false;
    best = { scenario: smaller, violation: found };
    return true;
  };
  attempt(
    withFaults(
      scenario,
      scenario.faults.filter(({ at_ms }) => at_ms <= violation.at_ms),
    ),
  );
  for (let size = Math.ceil(best.scenario.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.scenario.faults.length;) {
      const { faults } = best.scenario;
      if (!attempt(withFaults(best.scenario, [...faults.slice(0, from), ...faults.slice(from + size)]))) from += size;
    }
  }
  for (const smaller of [withoutFiles, withoutWeather]) attempt(smaller(best.scenario));
  for (let share = 2; share <= 16; share *= 2) {
    while (attempt(withFewerDevices(best.scenario, share, best.violation.device))) if (runs > MOST_RUNS) break;
  }
  return best;
}

function withFaults(scenario: Scenario, faults: Scenario['faults']): Scenario {
  return { ...scenario, faults };
}

function withoutFiles(scenario: Scenario): Scenario {
  const [first, ...others] = scenario.monitors;
  if (first === undefined) return scenario;
  const all = new Map(scenario.monitors.flatMap(({ file }) => file.map((device) => [device.device, device])));
  return {
    ...scenario,
    monitors: [{ ...first, file: [...all.values()] }, ...others.map((spec) => ({ ...spec, file: [] }))],
  };
}

function withoutWeather(scenario: Scenario): Scenario {
  return { ...scenario, weather: { ...scenario.weather, loss: 0, doubling: 0, reordering: 0 } };
}

/** Keeps all but one of so many devices, and the one that it is about. */
function withFewerDevices(scenario: Scenario, share: number, about: string | undefined): Scenario {
  const all = scenario.monitors.reduce((sum, { file }) => sum + file.length, 0);
  const drop = Math.floor(all / share);
  if (drop === 0) return { ...scenario, faults: [], end_ms: 0 };
  let left = drop;
  return {
    ...scenario,
    monitors: scenario.monitors.map((spec) => ({
      ...spec,
      file: spec.file.filter(({ device }) => device === about || left-- <= 0),
    })),
  };
}
