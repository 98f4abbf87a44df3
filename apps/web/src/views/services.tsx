import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MemberRow, Pairs, ServiceRow } from '../network/rows.ts';
import { useLive } from '../page.ts';
import { Ago } from '../parts/moment.tsx';
import { useNow } from '../parts/now.ts';
import { Nothing, Panel } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state.tsx';
import { count, NOTHING } from '../units/figures.ts';
import { OrderButton, ServiceForm } from './order-forms.tsx';

/** A member's status in the shapes and colours of devices. */
const LIKE_DEVICES = { alive: 'up', leaving: 'maintenance', left: 'unknown', failed: 'down' } as const;

/** What serf-publisher calls those that were made known by command; only these can be taken back so. */
const BY_COMMAND = 'announcements';

/** What serf-publisher tells: the services that were found, and who is in the Serf cluster. */
export function ServicesView(): JSX.Element {
  const { network, mayCommand } = useLive();
  const services = [...network.found.values()].sort((a, b) => a.id.localeCompare(b.id));
  const members = [...network.members.values()].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <h1>Services</h1>
      <Panel title="Services found" aside={services.length > 0 && count(services.length)}>
        {services.length === 0 ? (
          <Nothing>
            No services are told of on this broker. They appear here once <code>serf-publisher</code> runs and finds
            some.
          </Nothing>
        ) : (
          <ServiceTable rows={services} mayCommand={mayCommand} />
        )}
        {mayCommand && <AddService />}
      </Panel>
      <Panel title="Serf members" aside={members.length > 0 && count(members.length)}>
        {members.length === 0 ? (
          <Nothing>
            No Serf members are told of on this broker. They appear here once <code>serf-publisher</code> runs beside a
            Serf agent.
          </Nothing>
        ) : (
          <MemberTable rows={members} />
        )}
      </Panel>
    </>
  );
}

function AddService(): JSX.Element {
  const [isAdding, setAdding] = useState(false);
  return (
    <div class="orders">
      <button type="button" aria-expanded={isAdding} onClick={() => setAdding(!isAdding)}>
        Add a service…
      </button>
      {isAdding && <ServiceForm onDone={() => setAdding(false)} />}
    </div>
  );
}

interface ServiceTableProps {
  readonly rows: readonly ServiceRow[];
  readonly mayCommand: boolean;
}

function ServiceTable({ rows, mayCommand }: ServiceTableProps): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Services found, as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Address</th>
            <th scope="col">Node</th>
            <th scope="col">Told by</th>
            <th scope="col">Attributes</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                {row.name}
                {row.description !== '' && <span class="row-note">{row.description}</span>}
              </th>
              <td>{row.type}</td>
              <td>
                {endpoint(row)}
                {row.isUdp && <span class="quiet"> UDP</span>}
              </td>
              <td>{row.node || NOTHING}</td>
              <td>
                {row.source || NOTHING}{' '}
                {mayCommand && row.source === BY_COMMAND && (
                  <OrderButton
                    verb="services/remove"
                    body={{ type: row.type, name: row.name }}
                    done="It is taken back."
                    label={`Remove ${row.type} ${row.name}`}
                  >
                    Remove
                  </OrderButton>
                )}
              </td>
              <td>
                <PairList pairs={row.attributes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MemberTable({ rows }: { readonly rows: readonly MemberRow[] }): JSX.Element {
  const now_ms = useNow();
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Serf members, as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col">For</th>
            <th scope="col">Address</th>
            <th scope="col">Tags</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.name}</th>
              <td>
                <span class={`state-name state-${LIKE_DEVICES[row.status]}`}>
                  <StateIcon state={LIKE_DEVICES[row.status]} />
                  {row.status}
                </span>
              </td>
              <td>{row.since_ms === undefined ? NOTHING : <Ago at_ms={row.since_ms} now_ms={now_ms} />}</td>
              <td>{endpoint(row)}</td>
              <td>
                <PairList pairs={row.tags} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PairList({ pairs }: { readonly pairs: Pairs }): JSX.Element {
  return (
    <>
      {pairs.length === 0 && NOTHING}
      {pairs.map(([key, value]) => (
        <span key={key} class="pair">
          <span class="quiet">{key}</span> {value}
        </span>
      ))}
    </>
  );
}

function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
