import type { JSX } from 'preact';
import { STATE_NAMES, type State } from '../network/state.ts';

/** A shape for each state, so that none is told by its colour alone. */
const SHAPES: Readonly<Record<State, JSX.Element>> = {
  up: <circle cx="8" cy="8" r="5" />,
  down: <path d="M2.5 1 8 5.2 13.5 1 15 2.5 10.8 8 15 13.5 13.5 15 8 10.8 2.5 15 1 13.5 5.2 8 1 2.500z" />,
  disputed: (
    <>
      <path d="M8 1.5 14.5 8 8 14.5 1.5 8z" class="hollow" />
      <path d="M8 1.5 14.5 8 8 14.500z" />
    </>
  ),
  unreachable: <path d="M8 2.5 14.5 13.500H1.500z" class="hollow" />,
  unknown: <circle cx="8" cy="8" r="5" class="hollow dashed" />,
  maintenance: <path d="M3 3h3.600v10H3zM9.4 3H13v10H9.400z" />,
};

export function StateIcon({ state }: { readonly state: State }): JSX.Element {
  return (
    <svg class={`state-icon state-${state}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  );
}

/** A state with its shape and its name. */
export function StateName({
  state,
  isStrong = false,
}: {
  readonly state: State;
  readonly isStrong?: boolean;
}): JSX.Element {
  return (
    <span class={`state-name state-${state}${isStrong ? ' strong' : ''}`}>
      <StateIcon state={state} />
      {STATE_NAMES[state]}
    </span>
  );
}
