import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { TrafficChart, type Traffic } from '../charts/traffic-chart.tsx';
import { readAnswer, type Answer } from '../history/table.ts';
import { useHistory } from '../history/use-history.ts';
import { spanQuery, useSpan } from '../history/use-span.ts';
import type { InterfaceRow, Poll } from '../network/snmp.ts';
import { Nothing, Panel } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state.tsx';
import type { Range } from '../route.ts';
import { bitsPerSecond, percent, perSecond } from '../units/figures.ts';

export interface DeviceInterfacesProps {
  readonly device: string;
  readonly poll: Poll;
  readonly range: Range;
}

/** The traffic of each of a device's interfaces. */
export function DeviceInterfaces({ device, poll, range }: DeviceInterfacesProps): JSX.Element {
  const { interfaces } = poll;
  return (
    <Panel title="Interfaces" aside={interfaces.length}>
      {interfaces.length === 0 && <Nothing>It tells of no interfaces.</Nothing>}
      <div class="interfaces">
        {interfaces.map((entry) => (
          <Interface key={entry.name} device={device} entry={entry} range={range} />
        ))}
      </div>
    </Panel>
  );
}

interface InterfaceProps {
  readonly device: string;
  readonly entry: InterfaceRow;
  readonly range: Range;
}

function Interface({ device, entry, range }: InterfaceProps): JSX.Element {
  const place = useRef<HTMLElement>(null);
  const isSeen = useSeen(place);
  const span = useSpan(range);
  const path = `series?device=${encodeURIComponent(device)}&kind=interface&part=${encodeURIComponent(entry.name)}&${spanQuery(span)}&points=300`;
  const history = useHistory(isSeen ? path : undefined, trafficOf, span.again_ms);
  const isUp = entry.oper === 'up';
  const busiest = Math.max(entry.in_bps ?? 0, entry.out_bps ?? 0);
  const use =
    entry.speed_bps && (entry.in_bps !== undefined || entry.out_bps !== undefined)
      ? (busiest / entry.speed_bps) * 100
      : undefined;
  return (
    <article class={`interface${isUp ? '' : ' is-idle'}`} ref={place} aria-label={`Interface ${entry.name}`}>
      <header>
        <StateIcon state={isUp ? 'up' : entry.admin === 'down' ? 'maintenance' : 'down'} />
        <h3>{entry.name}</h3>
        <span class="quiet">{entry.alias}</span>
        <span class="interface-state">
          {entry.admin === 'down' ? 'switched off' : (entry.oper ?? 'unknown').replaceAll('_', ' ')}
          {entry.speed_bps ? ` · ${bitsPerSecond(entry.speed_bps)}` : ''}
        </span>
      </header>
      <dl class="rates">
        <div>
          <dt class="key-in">In</dt>
          <dd>{bitsPerSecond(entry.in_bps)}</dd>
        </div>
        <div>
          <dt class="key-out">Out</dt>
          <dd>{bitsPerSecond(entry.out_bps)}</dd>
        </div>
        <div>
          <dt>In use</dt>
          <dd>{percent(use)}</dd>
        </div>
        <div class={entry.errors_per_s ? 'is-losing' : ''}>
          <dt>Errors</dt>
          <dd>{perSecond(entry.errors_per_s)}</dd>
        </div>
      </dl>
      {entry.unknown !== undefined && <p class="list-note">No rates: {entry.unknown}.</p>}
      {history.is === 'there' && history.value !== undefined && (
        <TrafficChart traffic={history.value} from_s={span.from_s} to_s={span.to_s} name={entry.name} />
      )}
    </article>
  );
}

/** An interface is polled by one monitor at a time: the one that has most of the span is shown. */
function trafficOf(answer: unknown): Traffic | undefined {
  const { byMonitor }: Answer = readAnswer(answer);
  const table = [...byMonitor.values()].sort((a, b) => b.at_s.length - a.at_s.length)[0];
  if (table === undefined || table.at_s.length === 0) return undefined;
  const errors = ['in_errors', 'out_errors', 'in_discards', 'out_discards'].map((name) =>
    table.column(`${name}_per_s`, `${name}_avg_per_s`),
  );
  return {
    ...{ at_s: table.at_s, step_s: table.step_s, gap_s: table.gap_s },
    in_bps: table.column('in_bps', 'in_avg_bps'),
    out_bps: table.column('out_bps', 'out_avg_bps'),
    errors_per_s: table.at_s.map((_, index) => {
      const known = errors.flatMap((column) => column[index] ?? []);
      return known.length === 0 ? null : known.reduce((sum, rate) => sum + rate, 0);
    }),
  };
}

/** Whether something has come in sight: a switch with 48 ports asks for what is looked at. */
function useSeen(place: { readonly current: Element | null }): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) {
        setSeen(true);
        observer.disconnect();
      }
    });
    if (place.current !== null) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return isSeen;
}
