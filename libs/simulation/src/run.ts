import { Agenda } from './engine/agenda.ts';
import { Judge, LOOK_ms } from './guarantees/judge.ts';
import { Violation } from './guarantees/violation.ts';
import type { Scenario } from './scenario/scenario.ts';
import { Story } from './story.ts';
import { schedule } from './world/apply.ts';
import type { Sabotage } from './world/sabotage.ts';
import { World } from './world/world.ts';

/** What came of a run. */
export interface Outcome {
  readonly violation: Violation | undefined;
  readonly story: Story;
  /** How often a part was found settled, and a join or leave was counted. */
  readonly tested: { readonly settled: number; readonly moves: number };
}

/** What a run is to do beside judging. */
export interface RunOptions {
  readonly sabotage?: Sabotage;
  /** Tells all that members do, not only what is done to them. */
  readonly fullStory?: boolean;
  /** Looks at the world at the same times as the judge. */
  readonly observe?: (world: World, judge: Judge) => void;
}

/** Runs a scenario from its beginning until its end, or until a guarantee is broken. */
export function run(scenario: Scenario, { sabotage = {}, fullStory = false, observe }: RunOptions = {}): Outcome {
  const agenda = new Agenda();
  const story = new Story(() => agenda.now_ms, fullStory);
  const world = new World(scenario, agenda, story, sabotage);
  const judge = new Judge(world);
  for (const fault of scenario.faults) schedule(world, fault);
  const look = (): void => {
    observe?.(world, judge);
    judge.look();
    agenda.after(LOOK_ms, look);
  };
  agenda.at(0, look);
  try {
    world.start(judge);
    agenda.runUntil(scenario.end_ms);
    return { violation: undefined, story, tested: judge.tested };
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { violation: error, story, tested: judge.tested };
  }
}
