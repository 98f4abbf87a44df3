import { QueryError, type Lane, type Parameters, type ResultRow } from '../engine/engine.ts';
import type { Sources } from '../history.ts';

/** A query over files that anybody may have put there. */
export interface Reading {
  readonly lane: Lane;
  /** Where its rows are, and the query over them; asked for again when some files turned out to be torn. */
  readonly plan: (held: Held) => Promise<Plan>;
  readonly parameters: Parameters;
  readonly signal: AbortSignal;
}

/** What a plan is over: put here as soon as it is had, and let go by whoever asked for the plan, also where that fails. */
export type Held = Sources[];

export interface Plan {
  readonly sql: string;
  /** Looks at the files after a failure. @returns whether any are left out from now on. */
  readonly examine: () => Promise<boolean>;
}

/**
 * The rows of a query. Files that turn out to be torn are left out and the query begun again, unless rows have been given
 * already: then whoever asked is told, and asks again.
 */
export async function* read({ lane, plan, parameters, signal }: Reading): AsyncGenerator<ResultRow, void, undefined> {
  for (let isFirst = true; ; isFirst = false) {
    const held: Held = [];
    try {
      const { sql, examine } = await plan(held);
      let given = false;
      try {
        for await (const rows of lane.stream(sql, parameters, signal)) {
          given ||= rows.length > 0;
          yield* rows;
        }
        return;
      } catch (error) {
        if (!(error instanceof QueryError) || !(await examine()) || given || !isFirst) throw error;
      }
    } finally {
      for (const each of held) each.release();
    }
  }
}
