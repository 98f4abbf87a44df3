import { assemble, type InventoryDevice } from './assemble.ts';
import { draftsOf, type Draft } from './draft.ts';
import { findDevices } from './find.ts';
import type { LocalNetwork } from './local-network.ts';
import { hasErrors, pathText, type Problem } from './problem.ts';
import type { Source } from './source.ts';

/** What was read. */
export interface InventoryResult {
  /** Every device with the file it belongs to; none at all when there is any error. */
  readonly devices: readonly InventoryDevice[];
  /** Everything there is to say, by file and line. */
  readonly problems: readonly Problem[];
}

/** Checks what sources say, each entry and all together, in steps. */
export function* combineSources(
  sources: readonly Source[],
  local?: LocalNetwork,
): Generator<void, InventoryResult, void> {
  const drafts: Draft[] = [];
  for (const source of sources) {
    for (const draft of draftsOf(source)) {
      if (draft !== undefined) drafts.push(draft);
      if (drafts.length % DRAFTS_IN_STEP === 0) yield;
    }
  }
  const found = findDevices(drafts, local);
  const devices = assemble(found.drafts, found.absent);
  yield;
  const problems = sources.flatMap((source) => source.complaints.problems(source.file, source.locate, pathText));
  return { devices: hasErrors(problems) ? [] : devices, problems };
}

/** A tenth of a second or less on a Pi. */
const DRAFTS_IN_STEP = 2000;

/** Goes through all steps at once. */
export function allSteps(steps: Generator<void, InventoryResult, void>): InventoryResult {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
