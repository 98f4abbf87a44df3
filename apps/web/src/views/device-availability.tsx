import type { JSX } from 'preact';
import { AvailabilityBars, downInWords } from '../charts/availability-bars.tsx';
import { readAvailability } from '../history/availability.ts';
import { PERIODS, spanOfPeriod, type Period } from '../history/periods.ts';
import { useHistory } from '../history/use-history.ts';
import { spanQuery } from '../history/use-span.ts';
import { useNow } from '../parts/now.ts';
import { Panel } from '../parts/panel.tsx';
import { percent } from '../units/figures.ts';

/** Verdicts change seldom, and a day's figure slowly. */
const AGAIN_ms = 60_000;

/** For how much of each day and month a device was up; nothing where there is no history. */
export function DeviceAvailability({ device }: { readonly device: string }): JSX.Element | null {
  const rows = [useReport(device, '30d'), useReport(device, '12mo')].filter((row) => row !== undefined);
  if (rows.length === 0) return null;
  return (
    <Panel title="Availability" aside="by days and months of UTC">
      <dl class="availability">
        {rows.map(({ period, found, per }) => (
          <div key={period}>
            <dt>{PERIODS[period]}</dt>
            <dd>
              <b>{percent(found.percent)}</b>
              {found.down_s > 0 && <span class="quiet"> {downInWords(found.down_s)}</span>}
              <AvailabilityBars periods={found.periods} per={per} label={`${PERIODS[period]}, ${per} by ${per}`} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

interface Report {
  readonly period: Period;
  readonly per: 'day' | 'month';
  readonly found: ReturnType<typeof readAvailability>[number];
}

function useReport(device: string, period: Period): Report | undefined {
  const span = spanOfPeriod(period, useNow(AGAIN_ms));
  const path = `availability?device=${encodeURIComponent(device)}&per=${span.per}&${spanQuery(span)}`;
  const history = useHistory(path, readAvailability, AGAIN_ms);
  const [found] = history.is === 'there' ? history.value : [];
  return found === undefined ? undefined : { period, per: span.per, found };
}
