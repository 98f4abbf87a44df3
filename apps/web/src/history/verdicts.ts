import { each, fields, moment } from '../network/read.ts';
import type { Verdict } from '../network/rows.ts';
import { isState, type State } from '../network/state.ts';
import type { Run } from './strip.ts';

/** What all monitors together said over time, from `GET /api/events`; the newest verdict lasts until now. */
export function verdictRuns(answer: unknown, newest: Verdict | undefined, from_s: number, to_s: number): Run[] {
  const changes = each(fields(answer)?.['events'], (event): { at_s: number; state: State } | undefined => {
    const at_ms = moment(event['at']);
    const state = event['what'];
    return at_ms === undefined || !isState(state) ? undefined : { at_s: at_ms / 1000, state };
  });
  if (newest !== undefined) changes.push({ at_s: newest.since_ms / 1000, state: newest.state });
  changes.sort((a, b) => a.at_s - b.at_s);
  return changes
    .map(({ at_s, state }, index) => ({
      from_s: Math.max(from_s, at_s),
      to_s: Math.min(to_s, changes[index + 1]?.at_s ?? to_s),
      piece: state,
    }))
    .filter((run) => run.to_s > run.from_s);
}
