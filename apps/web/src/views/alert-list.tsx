import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AlertRow } from '../network/rows.ts';
import { useLive } from '../page.ts';
import { Ago } from '../parts/moment.tsx';
import { Nothing } from '../parts/panel.tsx';
import { deviceHref } from '../route.ts';
import { clock } from '../units/times.ts';
import { AcknowledgeForm } from './order-forms.tsx';

const RANK = { critical: 0, warning: 1, info: 2 } as const;
const SHOWN = 12;

export interface AlertListProps {
  readonly alerts: readonly AlertRow[];
  readonly now_ms: number;
  readonly none: string;
}

/** Open alerts: first what nobody takes care of, the most severe first. */
export function AlertList({ alerts, now_ms, none }: AlertListProps): JSX.Element {
  const { network, mayCommand } = useLive();
  const [areAllShown, showAll] = useState(false);
  const [answered, setAnswered] = useState('');
  if (alerts.length === 0) return <Nothing>{none}</Nothing>;
  const isQuiet = ({ silenced, acknowledged }: AlertRow): number =>
    Number(silenced !== undefined || acknowledged !== undefined);
  const sorted = [...alerts].sort(
    (a, b) => isQuiet(a) - isQuiet(b) || RANK[a.severity] - RANK[b.severity] || b.since_ms - a.since_ms,
  );
  const shown = areAllShown ? sorted : sorted.slice(0, SHOWN);
  return (
    <>
      <ul class="list alerts">
        {shown.map((alert) => (
          <li key={alert.id} class={isQuiet(alert) ? 'is-quiet' : ''}>
            <span class={`severity severity-${alert.severity}`}>{alert.severity}</span>
            <span class="list-main">
              {network.devices.has(alert.subject) ? (
                <a href={deviceHref(alert.subject)}>{alert.name}</a>
              ) : (
                <b>{alert.name}</b>
              )}{' '}
              <span class="alert-kind">
                {alert.kind.replaceAll('-', ' ')}
                {alert.part !== undefined && ` · ${alert.part}`}
              </span>
              <span class="list-note">{alert.text}</span>
              {alert.silenced && (
                <span class="list-note">
                  Silenced by {alert.silenced.by} until {clock(alert.silenced.until_ms, now_ms)}: {alert.silenced.why}
                </span>
              )}
              {alert.acknowledged && (
                <span class="list-note">
                  {alert.acknowledged.by} takes care of it: {alert.acknowledged.why}
                </span>
              )}
              {answered === alert.id && <AcknowledgeForm alert={alert} onDone={() => setAnswered('')} />}
            </span>
            {mayCommand && answered !== alert.id && (
              <button
                type="button"
                class="small"
                aria-label={`${orderOf(alert)}: ${alert.name}, ${alert.kind}`}
                onClick={() => setAnswered(alert.id)}
              >
                {orderOf(alert)}
              </button>
            )}
            <Ago at_ms={alert.since_ms} now_ms={now_ms} />
          </li>
        ))}
      </ul>
      {sorted.length > shown.length && (
        <button type="button" class="more" onClick={() => showAll(true)}>
          Show all {sorted.length}
        </button>
      )}
    </>
  );
}

function orderOf({ acknowledged }: AlertRow): string {
  return acknowledged === undefined ? 'Acknowledge' : 'Give back';
}
