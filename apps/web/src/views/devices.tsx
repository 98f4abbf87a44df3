import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import type { DeviceRow } from '../network/rows.ts';
import { ALL, facets, selected, statesOf, type Selection, type Sort } from '../network/selection.ts';
import { STATE_NAMES, STATES } from '../network/state.ts';
import { useLive } from '../page.ts';
import { useNow } from '../parts/now.ts';
import { Choice, withAny } from '../parts/choice.tsx';
import { Nothing } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state.tsx';
import { VirtualRows } from '../parts/virtual-rows.tsx';
import { deviceHref, hrefOf } from '../route.ts';
import { count, counted } from '../units/figures.ts';
import { DeviceGridRow } from './device-grid-row.tsx';
import { useMediaQuery } from '../parts/media-query.ts';

const COLUMNS: readonly (readonly [Sort | undefined, string])[] = [
  ['state', 'State'],
  ['name', 'Device'],
  ['since', 'Since'],
  ['rtt', 'Round trip'],
  [undefined, 'Recent'],
  ['loss', 'Loss'],
  ['monitors', 'Watched by'],
  [undefined, 'Tags'],
];

const NARROW = '(max-width: 44rem)';

/** All devices, as far as they are selected. The selection stands in the address. */
export function DevicesView({ selection }: { readonly selection: Selection }): JSX.Element {
  const { network, connection, sparks } = useLive();
  const now_ms = useNow();
  const isNarrow = useMediaQuery(NARROW);
  const [activeId, setActive] = useState<string | undefined>();
  const gridId = useId();
  const [typed, setTyped] = useState(selection.text);
  useEffect(() => setTyped(selection.text), [selection.text]);
  const shown = { ...selection, text: typed };
  const rows = selected(network, shown);
  const active = activeId === undefined ? -1 : rows.findIndex(({ id }) => id === activeId);
  const go = (index: number): void => setActive(rows[Math.max(0, Math.min(rows.length - 1, index))]?.id);
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = 15;
    const moves: Partial<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: Math.max(0, active - 1),
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
      j: active + 1,
      k: Math.max(0, active - 1),
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && active >= 0) location.hash = deviceHref(rows[active]!.id);
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  const rowId = (row: DeviceRow): string => `${gridId}-${row.id}`;
  return (
    <>
      <h1 class="unseen">Devices</h1>
      <Filters selection={shown} address={selection} found={rows.length} onTyped={setTyped} />
      {rows.length === 0 ? (
        <Nothing>
          {connection.phase === 'connecting' ? (
            'Connecting to the broker…'
          ) : network.devices.size === 0 ? (
            <>No devices are known here yet. They are listed in the inventory that a monitor is started with.</>
          ) : (
            <>
              No device is so.{' '}
              <a href={hrefOf({ view: 'devices', selection: ALL })}>Show all {count(network.devices.size)}</a>
            </>
          )}
        </Nothing>
      ) : (
        <VirtualRows
          count={rows.length}
          rowHeight_px={isNarrow ? 56 : 34}
          active={active}
          activeId={active < 0 ? undefined : rowId(rows[active]!)}
          label={`Devices: ${counted(rows.length, 'row')}. Arrow keys move, Enter opens.`}
          columns={COLUMNS.length}
          header={<Heads selection={selection} />}
          onKeyDown={onKeyDown}
          onDrawn={(first, end) => {
            if (!document.hidden) sparks.want(rows.slice(first, end).map(({ id }) => id));
          }}
          row={(index) => (
            <DeviceGridRow
              key={rows[index]!.id}
              row={rows[index]!}
              past={sparks.of(rows[index]!.id)}
              index={index}
              id={rowId(rows[index]!)}
              isActive={index === active}
              now_ms={now_ms}
            />
          )}
        />
      )}
    </>
  );
}

function Heads({ selection }: { readonly selection: Selection }): JSX.Element {
  const { sort, isDescending } = selection;
  return (
    <div role="row" aria-rowindex={1} class="grid-row">
      {COLUMNS.map(([by, name]) => (
        <span
          key={name}
          role="columnheader"
          class={`cell cell-${name.toLowerCase().replaceAll(' ', '-')}`}
          aria-sort={by === undefined || by !== sort ? undefined : isDescending ? 'descending' : 'ascending'}
        >
          {by === undefined ? (
            name
          ) : (
            <a
              href={hrefOf({
                view: 'devices',
                // Of figures the largest are looked for first.
                selection: {
                  ...selection,
                  sort: by,
                  isDescending: by === sort ? !isDescending : by === 'rtt' || by === 'loss',
                },
              })}
            >
              {name}
              {by === sort && <span aria-hidden="true">{isDescending ? ' ▾' : ' ▴'}</span>}
            </a>
          )}
        </span>
      ))}
    </div>
  );
}

/** Browsers refuse to have the address written with each key: it follows after a pause. */
const ADDRESS_ms = 400;

interface FiltersProps {
  /** What is shown: the text is ahead of the address while somebody types. */
  readonly selection: Selection;
  readonly address: Selection;
  readonly found: number;
  readonly onTyped: (text: string) => void;
}

function Filters({ selection, address, found, onTyped }: FiltersProps): JSX.Element {
  const { network } = useLive();
  const { tags, sites } = facets(network);
  const counts = statesOf(network, selection);
  const change = (part: Partial<Selection>): void => {
    const href = hrefOf({ view: 'devices', selection: { ...selection, ...part } });
    if (href === location.hash) return;
    // Filters are no places to go back to, one by one.
    history.replaceState(null, '', href);
    dispatchEvent(new HashChangeEvent('hashchange'));
  };
  const { text } = selection;
  useEffect(() => {
    if (text === address.text) return undefined;
    const timer = setTimeout(() => change({ text }), ADDRESS_ms);
    return () => clearTimeout(timer);
  }, [text, address.text]);
  return (
    <form class="filters" role="search" aria-label="Filter devices" onSubmit={(event) => event.preventDefault()}>
      <label class="unseen" for="device-text">
        Name, address, tag or monitor
      </label>
      <input
        id="device-text"
        type="search"
        placeholder="Name, address, tag, monitor…"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => onTyped(event.currentTarget.value)}
      />
      <fieldset class="state-filter">
        <legend class="unseen">States</legend>
        {STATES.map((state) => {
          const isOn = selection.states.includes(state);
          const states = isOn ? selection.states.filter((other) => other !== state) : [...selection.states, state];
          return (
            <button key={state} type="button" class="toggle" aria-pressed={isOn} onClick={() => change({ states })}>
              <StateIcon state={state} />
              {STATE_NAMES[state]} <span class="toggle-count">{count(counts.get(state) ?? 0)}</span>
            </button>
          );
        })}
      </fieldset>
      <Choice
        id="filter-tag"
        label="Tag"
        options={withAny('Any tag', tags)}
        value={selection.tag}
        onChange={(tag) => change({ tag })}
      />
      <Choice
        id="filter-site"
        label="Site"
        options={withAny('Any site', sites)}
        value={selection.site}
        onChange={(site) => change({ site })}
      />
      <span class="found" role="status">
        {count(found)} of {count(network.devices.size)}
      </span>
    </form>
  );
}
