import type { JSX } from 'preact';
import type { Network } from '../network/network.ts';
import type { MonitorRow } from '../network/rows.ts';
import { Nothing } from '../parts/panel.tsx';
import { count } from '../units/figures.ts';

/** In one word, how a monitor is. */
export function conditionOf(row: MonitorRow): { readonly word: string; readonly kind: 'good' | 'warning' | 'bad' } {
  if (!row.isAlive) return { word: 'Lost', kind: 'bad' };
  if (row.isIsolated) return { word: 'Isolated', kind: 'bad' };
  if (!row.isProbing) return { word: 'Not probing', kind: 'warning' };
  if (row.isDraining) return { word: 'Draining', kind: 'warning' };
  if (row.troubles.length > 0) return { word: 'In trouble', kind: 'warning' };
  if (!row.isComplete) return { word: 'Joining', kind: 'warning' };
  return { word: 'Alive', kind: 'good' };
}

export function Condition({ row }: { readonly row: MonitorRow }): JSX.Element {
  const { word, kind } = conditionOf(row);
  return (
    <span class={`condition condition-${kind}`}>
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
        {kind === 'good' && <circle cx="8" cy="8" r="5" />}
        {kind === 'warning' && <path d="M8 2 14.5 13.5H1.5z" />}
        {kind === 'bad' && (
          <path d="M2.5 1 8 5.2 13.5 1 15 2.5 10.8 8 15 13.5 13.5 15 8 10.8 2.5 15 1 13.5 5.2 8 1 2.5z" />
        )}
      </svg>
      {word}
    </span>
  );
}

/** How the work is shared: each monitor's part of all claims, and of what it could bear. */
export function MonitorShares({ network }: { readonly network: Network; readonly now_ms: number }): JSX.Element {
  const rows = [...network.monitors.values()].sort(
    (a, b) => Number(a.isAlive) - Number(b.isAlive) || a.id.localeCompare(b.id),
  );
  if (rows.length === 0) return <Nothing>No monitor is known here yet.</Nothing>;
  const most = Math.max(1, ...rows.map(({ devices }) => devices));
  return (
    <ul class="shares">
      {rows.map((row) => (
        <li key={row.id}>
          <span class="share-name">
            <b>{row.id}</b> <span class="quiet">{row.site}</span>
          </span>
          <Condition row={row} />
          <span class="share-count">{count(row.devices)}</span>
          <span class="share-bar thin" aria-hidden="true">
            <span class="fill-share" style={{ width: `${(row.devices / most) * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
