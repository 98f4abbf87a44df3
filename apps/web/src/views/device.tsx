import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { nameOf, stateOf } from '../network/network.ts';
import type { DeviceRow } from '../network/rows.ts';
import { isSilenced } from '../network/silences.ts';
import { useLive } from '../page.ts';
import { Ago, At } from '../parts/moment.tsx';
import { useNow } from '../parts/now.ts';
import { Nothing, Panel } from '../parts/panel.tsx';
import { StateName } from '../parts/state.tsx';
import { devicesHref, type Range } from '../route.ts';
import { duration } from '../units/times.ts';
import { AlertList } from './alert-list.tsx';
import { DeviceAvailability } from './device-availability.tsx';
import { DeviceHistory } from './device-history.tsx';
import { DeviceInterfaces } from './device-interfaces.tsx';
import { DevicePlace } from './device-place.tsx';
import { DeviceSelf, useNewestPoll } from './device-self.tsx';
import { DeviceWatchers } from './device-watchers.tsx';
import { OrderButton, SilenceForm } from './order-forms.tsx';
import { SilenceList } from './silence-list.tsx';

export interface DeviceViewProps {
  readonly device: string;
  readonly range: Range;
}

/** All that is known of one device. */
export function DeviceView({ device, range }: DeviceViewProps): JSX.Element {
  const { network, connection } = useLive();
  const now_ms = useNow();
  const poll = useNewestPoll(device);
  const row = network.devices.get(device);
  if (row === undefined) {
    return (
      <>
        <h1>{device}</h1>
        <Nothing>
          {connection.phase === 'connecting' ? (
            'Connecting to the broker…'
          ) : (
            <>
              No device is called so here. <a href={devicesHref({ text: device })}>Look for it</a>
            </>
          )}
        </Nothing>
      </>
    );
  }
  const alerts = [...network.alerts.values()].filter(({ subject }) => subject === device);
  return (
    <>
      <DeviceHead row={row} now_ms={now_ms} />
      {alerts.length > 0 && (
        <Panel title="Open alerts">
          <AlertList alerts={alerts} now_ms={now_ms} none="" />
        </Panel>
      )}
      <DeviceHistory row={row} range={range} />
      <DeviceAvailability device={device} />
      <div class="columns">
        <div class="column">
          <DeviceWatchers row={row} now_ms={now_ms} />
          {poll !== undefined && <DeviceSelf poll={poll} now_ms={now_ms} />}
        </div>
        <div class="column">
          <DevicePlace row={row} network={network} />
        </div>
      </div>
      {poll !== undefined && <DeviceInterfaces device={device} poll={poll} range={range} />}
      {poll === undefined && row.spec?.snmpInterval_s !== undefined && (
        <Panel title="Interfaces">
          <Nothing>No monitor has polled it by SNMP yet.</Nothing>
        </Panel>
      )}
    </>
  );
}

function DeviceHead({ row, now_ms }: { readonly row: DeviceRow; readonly now_ms: number }): JSX.Element {
  const { network, mayCommand } = useLive();
  const { verdict, spec } = row;
  const silences = [...network.silences.values()].filter(
    (silence) => silence.until_ms > now_ms && isSilenced(silence, row),
  );
  return (
    <section class="device-head" aria-label="State">
      <div class="device-title">
        <h1>{nameOf(row)}</h1>
        <span class="quiet">
          {spec !== undefined && nameOf(row) !== row.id && `${row.id} · `}
          {spec?.addresses.join(', ')}
        </span>
      </div>
      <p class="device-state">
        <StateName state={stateOf(row)} isStrong />
        {verdict && (
          <span>
            for {duration(now_ms - verdict.since_ms)}, since <At at_ms={verdict.since_ms} now_ms={now_ms} />
          </span>
        )}
        {verdict?.isFlapping && <span class="chip">flapping</span>}
      </p>
      {verdict !== undefined && verdict.reason !== '' && <p class="device-reason">{verdict.reason}</p>}
      {verdict?.maintenanceUntil_ms !== undefined && (
        <p class="device-reason">
          In maintenance until <At at_ms={verdict.maintenanceUntil_ms} now_ms={now_ms} />.
        </p>
      )}
      {silences.length > 0 && <SilenceList silences={silences} now_ms={now_ms} />}
      {[...row.troubles].flatMap(([monitor, troubles]) =>
        troubles.map((trouble) => (
          <p key={`${monitor} ${trouble.kind} ${trouble.part ?? ''}`} class="trouble">
            {monitor} sees {trouble.kind.replaceAll('-', ' ')}
            {trouble.part !== undefined && ` on ${trouble.part}`} since <Ago at_ms={trouble.since_ms} now_ms={now_ms} />
          </p>
        )),
      )}
      {mayCommand && <Orders row={row} />}
    </section>
  );
}

/** What an operator may do with a device. */
function Orders({ row }: { readonly row: DeviceRow }): JSX.Element {
  const [isSilencing, setSilencing] = useState(false);
  const [done, setDone] = useState('');
  return (
    <div class="orders">
      <OrderButton verb="probe" body={{ devices: [row.id] }} done="It is being probed.">
        Probe now
      </OrderButton>
      <button
        type="button"
        aria-expanded={isSilencing}
        onClick={() => {
          setSilencing(!isSilencing);
          setDone('');
        }}
      >
        Silence…
      </button>
      <span role="status">{done}</span>
      {isSilencing && (
        <SilenceForm
          device={row.id}
          onDone={(isCarriedOut) => {
            setSilencing(false);
            setDone(isCarriedOut ? 'It is silenced.' : '');
          }}
        />
      )}
    </div>
  );
}
