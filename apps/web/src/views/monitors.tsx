import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Network } from '../network/network.ts';
import type { MonitorRow } from '../network/rows.ts';
import { useLive, usePage } from '../page.ts';
import { Ago } from '../parts/moment.tsx';
import { useNow } from '../parts/now.ts';
import { Nothing } from '../parts/panel.tsx';
import { devicesHref } from '../route.ts';
import { count, NOTHING } from '../units/figures.ts';
import { Condition } from './monitor-shares.tsx';
import { ForgetForm, OrderButton } from './order-forms.tsx';

/** The monitors of each site: who is alive, what each watches and could, and what changed hands. */
export function MonitorsView(): JSX.Element {
  const { network } = useLive();
  const now_ms = useNow();
  const sites = Map.groupBy(network.monitors.values(), ({ site }) => site);
  const names = [...sites.keys()].sort((a, b) => a.localeCompare(b));
  return (
    <>
      <h1>Monitors</h1>
      {names.length === 0 && <Nothing>No monitor is known here yet.</Nothing>}
      {names.map((site) => (
        <section key={site} class="site" aria-label={`Site ${site}`}>
          <h2>
            Site {site} <span class="quiet">{sites.get(site)!.length}</span>
          </h2>
          <div class="cards">
            {sites
              .get(site)!
              .sort((a, b) => a.id.localeCompare(b.id))
              .map((row) => (
                <MonitorCard key={row.id} row={row} network={network} now_ms={now_ms} />
              ))}
          </div>
        </section>
      ))}
    </>
  );
}

interface MonitorCardProps {
  readonly row: MonitorRow;
  readonly network: Network;
  readonly now_ms: number;
}

function MonitorCard({ row, network, now_ms }: MonitorCardProps): JSX.Element {
  const { mayCommand } = usePage();
  const services = [...(network.services.get(row.id) ?? [])].sort(([a], [b]) => a.localeCompare(b));
  const handovers = network.handovers.get(row.id);
  const held = row.held ?? row.devices;
  const fill = row.capacity === undefined || row.capacity === 0 ? undefined : (held / row.capacity) * 100;
  return (
    <article class={`card${row.isAlive ? '' : ' is-gone'}`} aria-label={`Monitor ${row.id}`}>
      <header>
        <h3>{row.id}</h3>
        <Condition row={row} />
      </header>
      <div class="gauge">
        <span>
          <b>{count(held)}</b>
          {row.capacity !== undefined && ` of ${count(row.capacity)}`} claims
        </span>
        {fill !== undefined && (
          <span class="share-bar thin" role="img" aria-label={`${Math.round(fill)} % of its capacity`}>
            <span class={fill > 100 ? 'fill-down' : 'fill-share'} style={{ width: `${Math.min(100, fill)}%` }} />
          </span>
        )}
      </div>
      <dl class="facts">
        <dt>Handing over</dt>
        <dd>{count(row.leaving)}</dd>
        <dt>Handovers</dt>
        <dd title="since this page was opened">
          {handovers === undefined ? 'none' : `+${count(handovers.gained)} −${count(handovers.lost)}`}{' '}
          <span class="quiet">since opened</span>
        </dd>
        <dt>Heard over</dt>
        <dd>{row.links.length === 0 ? NOTHING : row.links.join(', ')}</dd>
        <dt>Said</dt>
        <dd>{row.at_ms === undefined ? NOTHING : <Ago at_ms={row.at_ms} now_ms={now_ms} />} ago</dd>
        {row.tags.length > 0 && (
          <>
            <dt>Tags</dt>
            <dd>{row.tags.join(', ')}</dd>
          </>
        )}
      </dl>
      {services.length > 0 && (
        <ul class="chips" aria-label="Services">
          {services.map(([service, isOnline]) => (
            <li key={service} class={`chip${isOnline && row.isAlive ? '' : ' chip-off'}`}>
              {service}
              {!isOnline && ' offline'}
            </li>
          ))}
        </ul>
      )}
      {row.troubles.map((trouble) => (
        <p key={trouble} class="trouble">
          {trouble}
        </p>
      ))}
      <a href={devicesHref({ text: row.id })}>What it watches</a>
      {mayCommand && <Orders row={row} />}
    </article>
  );
}

/** What an operator may do with a monitor: one that lives hands over or takes devices again, a dead one is forgotten. */
function Orders({ row: { id, isAlive, isDraining } }: { readonly row: MonitorRow }): JSX.Element {
  const [isForgetting, setForgetting] = useState(false);
  return (
    <div class="orders">
      {isDraining ? (
        <OrderButton
          verb="monitors/drain"
          body={{ monitor: id, drain: false }}
          done={`${id} takes devices again.`}
          label={`Resume ${id}`}
        >
          Resume
        </OrderButton>
      ) : (
        <OrderButton
          verb="monitors/drain"
          body={{ monitor: id, drain: true }}
          done={`${id} hands over all that it watches.`}
          label={`Drain ${id}`}
        >
          Drain
        </OrderButton>
      )}
      {!isAlive && (
        <button
          type="button"
          aria-label={`Forget… ${id}`}
          aria-expanded={isForgetting}
          onClick={() => setForgetting(!isForgetting)}
        >
          Forget…
        </button>
      )}
      {isForgetting && <ForgetForm monitor={id} onDone={() => setForgetting(false)} />}
    </div>
  );
}
