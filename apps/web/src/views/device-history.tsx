import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { LatencyChart } from '../charts/latency-chart.tsx';
import { Strip } from '../charts/strip.tsx';
import { latencyHeard, latencyOf, type Latency } from '../history/latency.ts';
import { runsOf } from '../history/strip.ts';
import { readAnswer } from '../history/table.ts';
import { useHistory } from '../history/use-history.ts';
import { POINTS, spanQuery, useSpan } from '../history/use-span.ts';
import { verdictRuns } from '../history/verdicts.ts';
import type { DeviceRow } from '../network/rows.ts';
import { Nothing, Panel } from '../parts/panel.tsx';
import { hrefOf, RANGES, type Range } from '../route.ts';

/** The state with which a span begins was most often told within a week before. */
const VERDICTS_BEFORE_s = 7 * 86_400;

/** State, latency and loss of a device over time, as each monitor saw them. */
export function DeviceHistory({ row, range }: { readonly row: DeviceRow; readonly range: Range }): JSX.Element {
  const span = useSpan(range);
  const now_ms = span.to_s * 1000;
  const device = encodeURIComponent(row.id);
  const series = useHistory(
    `series?device=${device}&kind=ping&${spanQuery(span)}&points=${POINTS}`,
    readAnswer,
    span.again_ms,
  );
  const before = { ...span, from_s: span.from_s - VERDICTS_BEFORE_s };
  const events = useHistory(
    `events?device=${device}&kind=verdict&${spanQuery(before)}`,
    (answer) => answer,
    span.again_ms,
  );
  const past = useMemo(() => {
    if (series.is !== 'there') return undefined;
    return new Map([...series.value.byMonitor].map(([monitor, table]) => [monitor, latencyOf(table)]));
  }, [series]);
  const [chosen, choose] = useState<string | undefined>();
  const hasHistory = past !== undefined && past.size > 0;
  const shown: ReadonlyMap<string, Latency> = hasHistory
    ? past
    : new Map([...row.seen].map(([monitor, { samples }]) => [monitor, latencyHeard(samples)]));
  const monitors = [...shown.keys()].sort((a, b) => a.localeCompare(b));
  const monitor =
    chosen !== undefined && shown.has(chosen)
      ? chosen
      : (row.spec?.monitors.find((name) => shown.has(name)) ?? monitors[0]);
  const latency = monitor === undefined ? undefined : shown.get(monitor);
  const heardFrom_s = Math.min(...[...shown.values()].map(({ at_s }) => at_s[0] ?? span.to_s));
  const from_s = hasHistory ? span.from_s : Math.max(span.from_s, Math.min(heardFrom_s, span.to_s - 300));
  const verdicts = events.is === 'there' ? verdictRuns(events.value, row.verdict, span.from_s, span.to_s) : [];
  return (
    <Panel title="Over time" aside={<Ranges device={row.id} range={range} />}>
      {(series.is === 'none' || series.is === 'failed') && (
        <p class="remark">
          {series.is === 'none'
            ? 'There is no history here: no storage service answers at this monitor.'
            : `The history could not be read: ${series.why}`}{' '}
          What follows was heard since this page was opened.
        </p>
      )}
      {series.is === 'there' && !hasHistory && (
        <p class="remark">The history holds nothing of this time. What follows was heard since this page was opened.</p>
      )}
      {latency === undefined || monitor === undefined ? (
        <Nothing>{series.is === 'asking' ? 'Asking the history…' : 'Nobody has measured it yet.'}</Nothing>
      ) : (
        <>
          <div class="strips">
            {verdicts.length > 0 && (
              <Strip name="All together" runs={verdicts} from_s={from_s} to_s={span.to_s} now_ms={now_ms} />
            )}
            {monitors.map((name) => (
              <Strip
                key={name}
                name={name}
                runs={runsOf(shown.get(name)!, span.to_s)}
                from_s={from_s}
                to_s={span.to_s}
                now_ms={now_ms}
              />
            ))}
          </div>
          {monitors.length > 1 && (
            <fieldset class="choices">
              <legend>Round trips as seen by</legend>
              {monitors.map((name) => (
                <button
                  key={name}
                  type="button"
                  class="toggle"
                  aria-pressed={name === monitor}
                  onClick={() => choose(name)}
                >
                  {name}
                </button>
              ))}
            </fieldset>
          )}
          <LatencyChart latency={latency} from_s={from_s} to_s={span.to_s} monitor={monitor} />
        </>
      )}
    </Panel>
  );
}

function Ranges({ device, range }: { readonly device: string; readonly range: Range }): JSX.Element {
  return (
    <nav class="ranges" aria-label="How far back">
      {(Object.keys(RANGES) as Range[]).map((name) => (
        <a
          key={name}
          href={hrefOf({ view: 'device', device, range: name })}
          aria-current={name === range ? 'true' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}
