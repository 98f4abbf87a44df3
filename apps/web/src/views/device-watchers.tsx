import type { JSX } from 'preact';
import type { DeviceRow } from '../network/rows.ts';
import { usePage } from '../page.ts';
import { Ago } from '../parts/moment.tsx';
import { Nothing, Panel } from '../parts/panel.tsx';
import { SparkLine } from '../parts/spark-line.tsx';
import { StateIcon } from '../parts/state.tsx';
import type { State } from '../network/state.ts';
import { milliseconds, NOTHING, percent } from '../units/figures.ts';

const SEES: Readonly<Record<'unprobed' | 'answering' | 'down', readonly [State, string]>> = {
  answering: ['up', 'answering'],
  down: ['down', 'no reply'],
  unprobed: ['unknown', 'not probed yet'],
};

/** Who watches a device, what each sees, and whether that counts. */
export function DeviceWatchers({ row, now_ms }: { readonly row: DeviceRow; readonly now_ms: number }): JSX.Element {
  const { network } = usePage();
  const { spec, verdict } = row;
  const watching = new Set([
    ...(spec?.monitors ?? []),
    ...(spec?.leaving ?? []),
    ...(verdict?.votes ?? []).map(({ monitor }) => monitor),
  ]);
  const shown = [...watching].sort((a, b) => a.localeCompare(b));
  return (
    <Panel title="Who watches it" aside={spec?.pingInterval_s !== undefined && `a ping every ${spec.pingInterval_s} s`}>
      {shown.length === 0 ? (
        <Nothing>No live monitor watches it.</Nothing>
      ) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Who watches it, table">
          <table>
            <thead>
              <tr>
                <th scope="col">Monitor</th>
                <th scope="col">Sees it</th>
                <th scope="col" class="number">
                  Round trip
                </th>
                <th scope="col" class="number">
                  Jitter
                </th>
                <th scope="col" class="number">
                  Loss
                </th>
                <th scope="col">Recent</th>
                <th scope="col" class="number">
                  Probed
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((monitor) => {
                const vote = verdict?.votes.find((known) => known.monitor === monitor);
                const claim = spec?.claims.find((known) => known.monitor === monitor);
                const seen = row.seen.get(monitor);
                const [state, words] = SEES[vote?.sees ?? claim?.sees ?? 'unprobed'];
                return (
                  <tr key={monitor}>
                    <th scope="row">
                      {monitor} <span class="quiet">{network.monitors.get(monitor)?.site}</span>
                    </th>
                    <td>
                      <span class={`state-name state-${state}`}>
                        <StateIcon state={state} />
                        {words}
                      </span>
                      {claim?.state === 'leaving' && <span class="list-note">handing over</span>}
                      {vote?.counts === false && (
                        <span class="list-note">does not count: {vote.whyNot ?? 'no reason given'}</span>
                      )}
                    </td>
                    <td class="number">{milliseconds(seen?.rtt_ms)}</td>
                    <td class="number">{milliseconds(seen?.jitter_ms)}</td>
                    <td class="number">{percent(seen?.loss_percent)}</td>
                    <td>
                      <SparkLine samples={seen?.samples} />
                    </td>
                    <td class="number">{seen === undefined ? NOTHING : <Ago at_ms={seen.at_ms} now_ms={now_ms} />}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
