import type { JSX } from 'preact';
import { nameOf, stateOf, type Network } from '../network/network.ts';
import type { DeviceRow } from '../network/rows.ts';
import { Panel } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state.tsx';
import { STATE_NAMES } from '../network/state.ts';
import { deviceHref, devicesHref } from '../route.ts';
import { NOTHING } from '../units/figures.ts';

const CHILDREN_SHOWN = 24;

/** Where a device stands in the network and in the inventory. */
export function DevicePlace({ row, network }: { readonly row: DeviceRow; readonly network: Network }): JSX.Element {
  const { spec } = row;
  const children = [...network.devices.values()].filter((other) => other.spec?.parents.includes(row.id));
  return (
    <Panel title="Where it stands">
      <dl class="facts wide">
        <dt>Reached through</dt>
        <dd>
          {spec === undefined || spec.parents.length === 0 ? (
            'nothing else'
          ) : (
            <Links ids={spec.parents} network={network} />
          )}
        </dd>
        <dt>Behind it</dt>
        <dd>
          {children.length === 0 ? (
            'nothing'
          ) : (
            <Links ids={children.slice(0, CHILDREN_SHOWN).map(({ id }) => id)} network={network} />
          )}
          {children.length > CHILDREN_SHOWN && ` and ${children.length - CHILDREN_SHOWN} more`}
        </dd>
        <dt>Tags</dt>
        <dd>
          {spec === undefined || spec.tags.length === 0
            ? NOTHING
            : spec.tags.map((tag) => (
                <a key={tag} class="chip" href={devicesHref({ tag })}>
                  {tag}
                </a>
              ))}
        </dd>
        <dt>Sites</dt>
        <dd>{network.sitesOf(row).join(', ') || NOTHING}</dd>
        <dt>Entered</dt>
        <dd>{spec?.source || NOTHING}</dd>
      </dl>
    </Panel>
  );
}

function Links({ ids, network }: { readonly ids: readonly string[]; readonly network: Network }): JSX.Element {
  return (
    <ul class="device-links">
      {ids.map((id) => {
        const row = network.devices.get(id);
        const state = row === undefined ? 'unknown' : stateOf(row);
        return (
          <li key={id}>
            <StateIcon state={state} />
            <a href={deviceHref(id)} title={STATE_NAMES[state]}>
              {row === undefined ? id : nameOf(row)}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
