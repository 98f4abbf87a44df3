import type { ReadPlan } from './plan.ts';
import { SnmpError, SnmpErrorStatus, type SnmpSession, type Varbind } from './session.ts';

/** What a plan brought. */
export interface PlanOutcome {
  /** Whether the agent answered at all. */
  readonly answered: boolean;
  /** What ended it early. */
  readonly error: SnmpError | undefined;
}

/** No table of `MAX_ROWS` needs more, one row at a time; an agent that goes on beyond is cut. */
const MAX_REQUESTS = 25_000;

/** Carries a plan out over a session. Errors other than the agent's end it and are given back, none is thrown. */
export async function carryOut(session: SnmpSession, plan: ReadPlan, monotonic_ms: () => number): Promise<PlanOutcome> {
  let answered = false;
  for (let requests = 0; requests < MAX_REQUESTS; requests += 1) {
    const request = plan.next();
    if (request === undefined) return { answered, error: undefined };
    const { oids, nonRepeaters, maxRepetitions } = request;
    try {
      const varbinds =
        maxRepetitions === undefined
          ? await session.getNext(oids)
          : await session.getBulk(oids, nonRepeaters, maxRepetitions);
      answered = true;
      plan.take(varbinds, monotonic_ms());
    } catch (error) {
      if (!(error instanceof SnmpError)) throw error;
      if (error instanceof SnmpErrorStatus) answered = true;
      if (!plan.fail(error)) return { answered, error };
    }
  }
  return { answered, error: new SnmpError(`cut after ${MAX_REQUESTS} requests`) };
}

/** Instances in one GET. */
const CHUNK = 20;

/**
 * Reads instances by GET, in as few requests as fit. Those that the agent has not are left out, in version 1 too,
 * where one of them fails the whole request.
 *
 * @throws {SnmpError} when the agent does not answer, or fails for no instance in particular.
 */
export async function getInstances(session: SnmpSession, oids: readonly string[]): Promise<Map<string, Varbind>> {
  const found = new Map<string, Varbind>();
  let waiting = [...oids];
  let chunk = CHUNK;
  while (waiting.length > 0) {
    const asked = waiting.slice(0, chunk);
    try {
      for (const varbind of await session.get(asked)) found.set(varbind.oid, varbind);
      waiting = waiting.slice(asked.length);
    } catch (error) {
      if (!(error instanceof SnmpErrorStatus)) throw error;
      if (error.index > 0 && error.status !== 'too_big') {
        waiting.splice(error.index - 1, 1);
      } else if (asked.length === 1) {
        waiting.shift();
      } else {
        chunk = Math.max(1, Math.floor(asked.length / 2));
      }
    }
  }
  return found;
}
