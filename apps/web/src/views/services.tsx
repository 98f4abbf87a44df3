import type { JSX } from 'preact';
import type { FoundRow } from '../network/rows.ts';
import { useLive } from '../page.ts';
import { Nothing, Panel } from '../parts/panel.tsx';
import { count } from '../units/figures.ts';

/** What serf-publisher tells: the services that were found, and who is in the Serf cluster. */
export function ServicesView(): JSX.Element {
  const { network } = useLive();
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
          <FoundTable rows={services} hasType />
        )}
      </Panel>
      <Panel title="Serf members" aside={members.length > 0 && count(members.length)}>
        {members.length === 0 ? (
          <Nothing>
            No Serf members are told of on this broker. They appear here once <code>serf-publisher</code> runs beside a
            Serf agent.
          </Nothing>
        ) : (
          <FoundTable rows={members} hasType={false} />
        )}
      </Panel>
    </>
  );
}

function FoundTable({ rows, hasType }: { readonly rows: readonly FoundRow[]; readonly hasType: boolean }): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            {hasType && <th scope="col">Type</th>}
            <th scope="col">Name</th>
            <th scope="col">What is told</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {hasType && <td>{row.type}</td>}
              <th scope="row">{row.name}</th>
              <td>
                {row.fields.map(([key, value]) => (
                  <span key={key} class="pair">
                    <span class="quiet">{key}</span> {value}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
