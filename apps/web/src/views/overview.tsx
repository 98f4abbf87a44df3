import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Sparks } from '../history/sparks.ts';
import { figuresOf, type Figures } from '../network/figures.ts';
import { causeOf } from '../network/cause.ts';
import { isListed, nameOf, stateOf, type Network } from '../network/network.ts';
import type { Change, DeviceRow } from '../network/rows.ts';
import { STATE_NAMES, STATES } from '../network/state.ts';
import { useLive } from '../page.ts';
import { Ago } from '../parts/moment.tsx';
import { useNow } from '../parts/now.ts';
import { Nothing, Panel } from '../parts/panel.tsx';
import { SparkLine } from '../parts/spark-line.tsx';
import { StateIcon, StateName } from '../parts/state.tsx';
import { deviceHref, devicesHref, hrefOf } from '../route.ts';
import { count, counted, milliseconds, percent } from '../units/figures.ts';
import { AlertList } from './alert-list.tsx';
import { MonitorShares } from './monitor-shares.tsx';
import { SilenceList } from './silence-list.tsx';

/** What one looks at first: is all well, what is not, and what was new. */
export function Overview(): JSX.Element {
  const { network, connection, sparks } = useLive();
  const now_ms = useNow();
  const [losing, slowest] = [worstBy(network, 'loss'), worstBy(network, 'rtt')];
  useEffect(() => {
    if (!document.hidden) sparks.want([...new Set([...losing, ...slowest].map(({ row }) => row.id))]);
  });
  const amiss = [...network.devices.values()].filter(
    (row) => isListed(row) && ['disputed', 'unreachable'].includes(stateOf(row)),
  );
  const alerts = [...network.alerts.values()];
  const silences = [...network.silences.values()]
    .filter(({ until_ms }) => until_ms > now_ms)
    .sort((a, b) => a.until_ms - b.until_ms);
  return (
    <>
      <Headline network={network} isConnecting={connection.phase === 'connecting'} />
      {network.passedOver.tooMany > 0 && (
        <p class="remark">
          More is told on this broker than the page keeps: {counted(network.passedOver.tooMany, 'message')} found no
          room.
        </p>
      )}
      <div class="columns">
        <div class="column">
          <Panel title="Open alerts" aside={alerts.length > 0 && count(alerts.length)}>
            <AlertList alerts={alerts} now_ms={now_ms} none="No alert is open." />
          </Panel>
          {silences.length > 0 && (
            <Panel title="Silenced" aside={count(silences.length)}>
              <SilenceList silences={silences} now_ms={now_ms} />
            </Panel>
          )}
          <Panel
            title="Disputed and unreachable"
            aside={
              amiss.length > 0 && (
                <a href={devicesHref({ states: ['disputed', 'unreachable'] })}>all {count(amiss.length)}</a>
              )
            }
          >
            <Amiss network={network} rows={amiss} now_ms={now_ms} />
          </Panel>
          <Panel title="What changed" aside="since this page was opened">
            <Changes network={network} changes={network.changes} now_ms={now_ms} />
          </Panel>
        </div>
        <div class="column">
          <Panel title="Monitors" aside={<a href={hrefOf({ view: 'monitors' })}>all</a>}>
            <MonitorShares network={network} now_ms={now_ms} />
          </Panel>
          <Panel title="Losing replies now">
            <Worst worst={losing} sparks={sparks} say={percent} none="All probes are answered." />
          </Panel>
          <Panel title="Slowest now">
            <Worst worst={slowest} sparks={sparks} say={milliseconds} none="Nothing has been measured yet." />
          </Panel>
        </div>
      </div>
    </>
  );
}

function Headline({
  network,
  isConnecting,
}: {
  readonly network: Network;
  readonly isConnecting: boolean;
}): JSX.Element {
  const { counts } = network;
  const all = STATES.reduce((sum, state) => sum + counts[state], 0);
  const shown = STATES.filter((state) => counts[state] > 0).reverse();
  return (
    <section class="headline" aria-label="All devices">
      <h1>{headlineOf(network, all, isConnecting)}</h1>
      {all > 0 && (
        <>
          <div class="share-bar" aria-hidden="true">
            {shown.map((state) => (
              <span key={state} class={`fill-${state}`} style={{ flexGrow: counts[state] }} />
            ))}
          </div>
          <ul class="tally">
            <li>
              <a href={devicesHref({})}>
                <b>{count(all)}</b> {all === 1 ? 'device' : 'devices'}
              </a>
            </li>
            {STATES.map((state) => (
              <li key={state} data-state={state}>
                <a href={devicesHref({ states: [state] })} class={counts[state] === 0 ? 'zero' : ''}>
                  <StateIcon state={state} />
                  <b>{count(counts[state])}</b> {STATE_NAMES[state].toLowerCase()}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function headlineOf(network: Network, all: number, isConnecting: boolean): string {
  const { down, disputed, unreachable, unknown } = network.counts;
  if (all === 0) return isConnecting ? 'Connecting to the broker…' : 'No devices are known here yet';
  const parts = [
    down > 0 && `${counted(down, 'device')} ${down === 1 ? 'is' : 'are'} down`,
    disputed > 0 && `${count(disputed)} disputed`,
    unreachable > 0 && `${count(unreachable)} unreachable`,
  ].filter((part) => part !== false);
  if (parts.length > 0) return parts.join(', ');
  if (unknown === all) return 'Nobody can tell yet how the devices are';
  return unknown > 0 ? `All is well, as far as known: nobody can tell of ${count(unknown)}` : 'All is well';
}

const SHOWN = 8;

interface AmissProps {
  readonly network: Network;
  readonly rows: readonly DeviceRow[];
  readonly now_ms: number;
}

/** What is disputed one by one; what cannot be reached by what stands in the way. */
function Amiss({ network, rows, now_ms }: AmissProps): JSX.Element {
  if (rows.length === 0) return <Nothing>All monitors agree, and all devices can be reached.</Nothing>;
  const disputed = rows.filter((row) => stateOf(row) === 'disputed');
  disputed.sort((a, b) => (b.verdict?.since_ms ?? 0) - (a.verdict?.since_ms ?? 0));
  const cut = Map.groupBy(
    rows.filter((row) => stateOf(row) === 'unreachable'),
    (row) => causeOf(network, row),
  );
  const causes = [...cut].sort(([, a], [, b]) => b.length - a.length);
  return (
    <ul class="list">
      {disputed.slice(0, SHOWN).map((row) => (
        <li key={row.id}>
          <StateName state="disputed" />
          <span class="list-main">
            <a href={deviceHref(row.id)}>{nameOf(row)}</a>
            <span class="list-note">{row.verdict?.reason}</span>
          </span>
          {row.verdict && <Ago at_ms={row.verdict.since_ms} now_ms={now_ms} />}
        </li>
      ))}
      {causes.slice(0, SHOWN).map(([cause, behind]) => (
        <li key={cause?.id ?? ''}>
          <StateName state="unreachable" />
          <span class="list-main">
            <a href={devicesHref({ states: ['unreachable'] })}>{counted(behind.length, 'device')}</a>
            {cause !== undefined && (
              <>
                {' behind '}
                <a href={deviceHref(cause.id)}>{nameOf(cause)}</a>
              </>
            )}
          </span>
          <Ago at_ms={Math.max(...behind.map(({ verdict }) => verdict?.since_ms ?? 0))} now_ms={now_ms} />
        </li>
      ))}
    </ul>
  );
}

const CHANGES_SHOWN = 14;

function Changes({
  network,
  changes,
  now_ms,
}: {
  readonly network: Network;
  readonly changes: readonly Change[];
  readonly now_ms: number;
}): JSX.Element {
  if (changes.length === 0) return <Nothing>Nothing has changed yet.</Nothing>;
  const name = (id: string): JSX.Element => {
    const row = network.devices.get(id);
    return <a href={deviceHref(id)}>{row === undefined ? id : nameOf(row)}</a>;
  };
  return (
    <ul class="list">
      {changes.slice(0, CHANGES_SHOWN).map((change, index) => (
        <li key={`${change.at_ms} ${index}`}>
          {change.what === 'state' && (
            <>
              <StateName state={change.to} />
              <span class="list-main">
                {name(change.device)}{' '}
                <span class="list-note">
                  was {STATE_NAMES[change.from].toLowerCase()}: {change.reason}
                </span>
              </span>
            </>
          )}
          {change.what === 'handover' && (
            <>
              <span class="state-name quiet">Handover</span>
              <span class="list-main">
                {name(change.device)}{' '}
                <span class="list-note">
                  {[
                    change.gained.length > 0 && `now watched by ${change.gained.join(', ')}`,
                    change.lost.length > 0 && `no longer by ${change.lost.join(', ')}`,
                  ]
                    .filter(Boolean)
                    .join('; ')}
                </span>
              </span>
            </>
          )}
          {change.what === 'monitor' && (
            <>
              <span class={`state-name ${change.isGood ? 'quiet' : 'state-down'}`}>Monitor</span>
              <span class="list-main">
                {change.monitor} {change.text}
              </span>
            </>
          )}
          <Ago at_ms={change.at_ms} now_ms={now_ms} />
        </li>
      ))}
    </ul>
  );
}

interface Bad {
  readonly row: DeviceRow;
  readonly figure: Figures;
  readonly value: number;
}

/** The devices that answer, but badly: the worst first. */
function worstBy(network: Network, by: 'loss' | 'rtt'): Bad[] {
  const figures: Bad[] = [];
  for (const row of network.devices.values()) {
    if (stateOf(row) !== 'up' && stateOf(row) !== 'disputed') continue;
    const figure = figuresOf(row);
    const value = by === 'loss' ? figure.loss_percent : figure.rtt_ms;
    if (value !== undefined && value > 0) figures.push({ row, figure, value });
  }
  return figures.sort((a, b) => b.value - a.value).slice(0, SHOWN - 2);
}

interface WorstProps {
  readonly worst: readonly Bad[];
  readonly sparks: Sparks;
  readonly say: (value: number) => string;
  /** What is said where there are none. */
  readonly none: string;
}

function Worst({ worst, sparks, say, none }: WorstProps): JSX.Element {
  if (worst.length === 0) return <Nothing>{none}</Nothing>;
  return (
    <ul class="list">
      {worst.map(({ row, figure, value }) => (
        <li key={row.id}>
          <span class="list-main">
            <a href={deviceHref(row.id)}>{nameOf(row)}</a>
          </span>
          <SparkLine samples={figure.seen?.samples} past={sparks.of(row.id)} />
          <b class="figure">{say(value)}</b>
        </li>
      ))}
    </ul>
  );
}
