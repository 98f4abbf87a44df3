import type { VerdictState } from '@guaita/model';

export type State = VerdictState;

/** All states, those that need somebody's eye first. */
export const STATES: readonly State[] = ['down', 'disputed', 'unreachable', 'unknown', 'maintenance', 'up'];

/** What a state is called on the page. */
export const STATE_NAMES: Readonly<Record<State, string>> = {
  up: 'Up',
  down: 'Down',
  disputed: 'Disputed',
  unreachable: 'Unreachable',
  unknown: 'Unknown',
  maintenance: 'Maintenance',
};

/** The order in which states are sorted: what is worst first. */
export function severityOf(state: State): number {
  return STATES.indexOf(state);
}

export function isState(value: unknown): value is State {
  return STATES.includes(value as State);
}
