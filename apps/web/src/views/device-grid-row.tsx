import type { JSX } from 'preact';
import type { Past } from '../history/sparks.ts';
import { figuresOf } from '../network/figures.ts';
import { nameOf, stateOf } from '../network/network.ts';
import type { DeviceRow } from '../network/rows.ts';
import { Ago } from '../parts/moment.tsx';
import { SparkLine } from '../parts/spark-line.tsx';
import { StateName } from '../parts/state.tsx';
import { deviceHref } from '../route.ts';
import { milliseconds, percent } from '../units/figures.ts';

export interface DeviceGridRowProps {
  readonly row: DeviceRow;
  readonly past: Past | undefined;
  readonly index: number;
  readonly id: string;
  readonly isActive: boolean;
  readonly now_ms: number;
}

/** One device in the grid. */
export function DeviceGridRow({ row, past, index, id, isActive, now_ms }: DeviceGridRowProps): JSX.Element {
  const { spec, verdict } = row;
  const state = stateOf(row);
  const figures = figuresOf(row);
  // Of what is down anyway, lost replies are no news.
  const isLosing = (state === 'up' || state === 'disputed') && (figures.loss_percent ?? 0) > 0;
  return (
    <div
      role="row"
      id={id}
      class={`grid-row row-${state}${isActive ? ' active' : ''}`}
      aria-rowindex={index + 2}
      aria-selected={isActive}
      data-device={row.id}
      data-state={state}
    >
      <span role="gridcell" class="cell cell-state">
        <StateName state={state} />
      </span>
      <span role="gridcell" class="cell cell-device">
        <a href={deviceHref(row.id)} tabIndex={-1}>
          {nameOf(row)}
        </a>
        <span class="cell-note">{spec?.addresses[0] ?? ''}</span>
        {verdict?.isFlapping && <span class="chip">flapping</span>}
      </span>
      <span role="gridcell" class="cell cell-since">
        {verdict && <Ago at_ms={verdict.since_ms} now_ms={now_ms} />}
      </span>
      <span role="gridcell" class="cell cell-round-trip">
        {milliseconds(figures.rtt_ms)}
      </span>
      <span role="gridcell" class="cell cell-recent">
        <SparkLine samples={figures.seen?.samples} past={past} />
      </span>
      <span role="gridcell" class={`cell cell-loss${isLosing ? ' is-losing' : ''}`}>
        {percent(figures.loss_percent)}
      </span>
      <span role="gridcell" class="cell cell-watched-by">
        {spec === undefined || spec.monitors.length === 0 ? (
          <span class="state-disputed">nobody</span>
        ) : (
          spec.monitors.join(', ')
        )}
      </span>
      <span role="gridcell" class="cell cell-tags">
        {spec?.tags.join(', ')}
      </span>
    </div>
  );
}
