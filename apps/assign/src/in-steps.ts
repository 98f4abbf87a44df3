import { setImmediate } from 'node:timers/promises';

/** Runs long work in its steps and lets everything else have its turn between them. */
export async function inSteps<Result>(steps: Generator<void, Result, void>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await setImmediate();
  }
}
