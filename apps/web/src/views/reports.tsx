import type { ComponentChildren, JSX } from 'preact';
import { AvailabilityBars } from '../charts/availability-bars.tsx';
import { readAvailability } from '../history/availability.ts';
import { PERIODS, spanOfPeriod } from '../history/periods.ts';
import { useHistory, type History } from '../history/use-history.ts';
import { spanQuery, useSpan } from '../history/use-span.ts';
import { readWorst, WORST_BY, type WorstBy } from '../history/worst.ts';
import { nameOf, stateOf } from '../network/network.ts';
import { facets } from '../network/selection.ts';
import { useLive } from '../page.ts';
import { Choice, withAny } from '../parts/choice.tsx';
import { useNow } from '../parts/now.ts';
import { Nothing, Panel } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state.tsx';
import { deviceHref, hrefOf, RANGES, type Report } from '../route.ts';
import { bitsPerSecond, count, milliseconds, NOTHING, percent, perSecond } from '../units/figures.ts';
import { duration } from '../units/times.ts';

const AGAIN_ms = 60_000;
/** Who wants more takes the file. */
const DEVICES_SHOWN = 20;
/** Each monitor's view of a device is ranked by itself: so many are enough for twenty devices with several monitors. */
const RANKED = 200;
const FILE_MOST = 1000;

const RANGE_NAMES: Readonly<Record<Report['range'], string>> = {
  '1h': 'The last hour',
  '6h': 'The last 6 hours',
  '24h': 'The last 24 hours',
  '7d': 'The last 7 days',
  '30d': 'The last 30 days',
  '1y': 'The last year',
};

/** What was over longer times: for how much of it devices were up, and which did worst. */
export function ReportsView({ report }: { readonly report: Report }): JSX.Element {
  const change = (part: Partial<Report>): void => {
    // What is chosen here is no place to go back to, step by step.
    history.replaceState(null, '', hrefOf({ view: 'reports', report: { ...report, ...part } }));
    dispatchEvent(new HashChangeEvent('hashchange'));
  };
  return (
    <>
      <h1>Reports</h1>
      <AvailabilityReport report={report} change={change} />
      <WorstReport report={report} change={change} />
    </>
  );
}

interface ReportProps {
  readonly report: Report;
  readonly change: (part: Partial<Report>) => void;
}

function AvailabilityReport({ report: { tag, period }, change }: ReportProps): JSX.Element {
  const { network } = useLive();
  const span = spanOfPeriod(period, useNow(AGAIN_ms));
  const path = `availability?${tag === '' ? '' : `tag=${encodeURIComponent(tag)}&`}per=${span.per}&${spanQuery(span)}`;
  return (
    <Panel title="Availability, the worst first" aside={<Download path={path}>All of them as CSV</Download>}>
      <Choices label="What is reported of availability">
        <Choice
          id="report-tag"
          label="Tag"
          value={tag}
          options={withAny('All devices', facets(network).tags)}
          onChange={(value) => change({ tag: value })}
        />
        <Choice
          id="report-period"
          label="Time"
          value={period}
          options={Object.entries(PERIODS)}
          onChange={(value) => change({ period: value as Report['period'] })}
        />
      </Choices>
      <AvailabilityRows key={`${tag} ${period}`} path={path} per={span.per} />
      <p class="hint">
        Days and months are those of UTC. Down is also what was cut off; maintenance, and time of which nothing is
        known, does not count.
      </p>
    </Panel>
  );
}

function AvailabilityRows({ path, per }: { readonly path: string; readonly per: 'day' | 'month' }): JSX.Element {
  const answer = useHistory(`${path}&worst=${DEVICES_SHOWN}`, readAvailability, AGAIN_ms);
  return (
    <Answered answer={answer} isEmpty={(rows) => rows.length === 0}>
      {(rows) => (
        <Table label="Availability of devices" heads={['Device', 'Up', 'Down for', `By ${per}`]}>
          {rows.map((row) => (
            <tr key={row.device}>
              <DeviceHead device={row.device} />
              <td class="number">{percent(row.percent)}</td>
              <td class="number">{row.down_s === 0 ? NOTHING : duration(row.down_s * 1000)}</td>
              <td>
                <AvailabilityBars periods={row.periods} per={per} label={`${row.device}, ${per} by ${per}`} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Answered>
  );
}

function WorstReport({ report: { by, range }, change }: ReportProps): JSX.Element {
  const span = useSpan(range);
  const path = `worst?by=${by}&${spanQuery(span)}`;
  return (
    <Panel title="The worst" aside={<Download path={`${path}&limit=${FILE_MOST}`}>More of them as CSV</Download>}>
      <Choices label="By what, and when">
        <Choice
          id="worst-by"
          label="By"
          value={by}
          options={Object.entries(WORST_BY)}
          onChange={(value) => change({ by: value as WorstBy })}
        />
        <Choice
          id="worst-range"
          label="Time"
          value={range}
          options={(Object.keys(RANGES) as Report['range'][]).map((name) => [name, RANGE_NAMES[name]])}
          onChange={(value) => change({ range: value as Report['range'] })}
        />
      </Choices>
      <WorstRows key={`${by} ${range}`} path={path} by={by} />
    </Panel>
  );
}

function WorstRows({ path, by }: { readonly path: string; readonly by: WorstBy }): JSX.Element {
  const answer = useHistory(`${path}&limit=${RANKED}`, (found) => readWorst(found, DEVICES_SHOWN), AGAIN_ms);
  const figure = FIGURES[by];
  return (
    <Answered answer={answer} isEmpty={(rows) => rows.length === 0}>
      {(rows) => (
        <Table label="The worst devices" heads={['Device', WORST_BY[by], 'As seen by']}>
          {rows.map((row) => (
            <tr key={`${row.device} ${row.part ?? ''}`}>
              <DeviceHead device={row.device} part={row.part} />
              <td class="number">{figure(row.value)}</td>
              <td>
                {row.seenBy.map(({ monitor, value, count: measurements }) => (
                  <span key={monitor} class="pair" title={`${count(measurements)} measurements`}>
                    <span class="quiet">{monitor}</span> {figure(value)}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Answered>
  );
}

const FIGURES: Readonly<Record<WorstBy, (value: number) => string>> = {
  loss: percent,
  rtt: milliseconds,
  rtt_p95: milliseconds,
  in: bitsPerSecond,
  out: bitsPerSecond,
  errors: perSecond,
};

function Choices({ label, children }: { readonly label: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <form class="filters" aria-label={label} onSubmit={(event) => event.preventDefault()}>
      {children}
    </form>
  );
}

/** A link to the same answer as a file for a spreadsheet. */
function Download({ path, children }: { readonly path: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <a href={`/api/${path}&format=csv`} download>
      {children}
    </a>
  );
}

interface AnsweredProps<Value> {
  readonly answer: History<Value>;
  readonly isEmpty: (value: Value) => boolean;
  readonly children: (value: Value) => JSX.Element;
}

/** What the history answered, or why it did not. */
function Answered<Value>({ answer, isEmpty, children }: AnsweredProps<Value>): JSX.Element {
  switch (answer.is) {
    case 'asking':
      return <Nothing>Asking the history…</Nothing>;
    case 'none':
      return <Nothing>There is no history here: no storage service answers at this monitor.</Nothing>;
    case 'failed':
      return <p class="remark">The history could not be read: {answer.why}</p>;
    case 'there':
      return isEmpty(answer.value) ? <Nothing>The history holds nothing of this.</Nothing> : children(answer.value);
  }
}

interface TableProps {
  readonly label: string;
  readonly heads: readonly string[];
  readonly children: ComponentChildren;
}

function Table({ label, heads, children }: TableProps): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th key={head} scope="col" class={index > 0 && index < heads.length - 1 ? 'number' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** A device, and how it is now; one that is gone by its id alone. */
function DeviceHead({ device, part }: { readonly device: string; readonly part?: string | undefined }): JSX.Element {
  const { network } = useLive();
  const row = network.devices.get(device);
  return (
    <th scope="row">
      {row === undefined ? (
        device
      ) : (
        <>
          <StateIcon state={stateOf(row)} /> <a href={deviceHref(device)}>{nameOf(row)}</a>
        </>
      )}
      {part !== undefined && <span class="list-note">{part}</span>}
    </th>
  );
}
