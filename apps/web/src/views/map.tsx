import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { between, CELL, layOut, linesBetween, NAME_LENGTH, ROW, type Line, type Placed } from '../map/layout.ts';
import { forestOf, type MapDevice } from '../map/tree.ts';
import { isListed, nameOf, stateOf, type Network } from '../network/network.ts';
import { STATE_NAMES, STATES } from '../network/state.ts';
import { useLive } from '../page.ts';
import { Nothing } from '../parts/panel.tsx';
import { useSight } from '../parts/sight.ts';
import { StateIcon } from '../parts/state.tsx';
import { deviceHref } from '../route.ts';
import { count } from '../units/figures.ts';

const MARGIN = 20;
/** Beyond the edge, so that scrolling shows no holes. */
const OVERSCAN_px = 300;

/** The network as it hangs together: what is reached through what. Only what is in sight is drawn. */
export function MapView({ text }: { readonly text: string }): JSX.Element {
  const { network } = useLive();
  const devices = mapDevices(network);
  // Places change when the inventory does, not with each state.
  const shape = devices.map(({ id, name, parents }) => `${id} ${name} ${parents.join()}`).join('\n');
  const layout = useMemo(() => layOut(forestOf(devices)), [shape]);
  const states = new Map(devices.map(({ id, state }) => [id, state]));
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const scroller = useRef<HTMLDivElement>(null);
  const isEmpty = devices.length === 0;
  const view = useSight(scroller, !isEmpty);
  const [wanted, setWanted] = useState(text);
  const words = wanted.trim().toLowerCase();
  const matches =
    words === '' ? [] : layout.placed.filter(({ device }) => network.devices.get(device.id)?.haystack.includes(words));
  const found = new Set(matches.map(({ device }) => device.id));
  const firstMatch = matches[0];
  useEffect(() => {
    if (firstMatch !== undefined)
      scroller.current?.scrollTo({ top: firstMatch.y - 100, left: Math.max(0, firstMatch.x - 100) });
  }, [firstMatch?.device.id]);
  if (isEmpty) {
    return (
      <>
        <h1>Map</h1>
        <Nothing>No devices are known here yet.</Nothing>
      </>
    );
  }
  const from = view.top - OVERSCAN_px;
  const to = view.top + view.height + OVERSCAN_px;
  const lines = linesBetween(layout, from, to);
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  return (
    <>
      <div class="map-head">
        <h1>Map</h1>
        <label class="unseen" for="map-text">
          Find on the map
        </label>
        <input
          id="map-text"
          type="search"
          placeholder="Find on the map…"
          value={wanted}
          autocomplete="off"
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        {words !== '' && <span role="status">{count(matches.length)} found</span>}
        <ul class="legend" aria-label="States">
          {STATES.map((state) => (
            <li key={state}>
              <StateIcon state={state} />
              {STATE_NAMES[state]}
            </li>
          ))}
        </ul>
      </div>
      <div class="map" ref={scroller} tabIndex={0} role="region" aria-label="Map of the network by parents, scrolls">
        <svg
          width={width}
          height={height}
          viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`}
          role="group"
          aria-label="Devices"
        >
          {lines.crossing.map((line) => (
            <path
              key={`${line.from} ${line.to}`}
              class={`map-line is-crossing${isCut(states.get(line.from)) ? ' is-cut' : ''}`}
              d={curve(line)}
            />
          ))}
          {lines.tree.map((line) => (
            <path key={line.to} class={`map-line${isCut(states.get(line.from)) ? ' is-cut' : ''}`} d={curve(line)} />
          ))}
          {between(layout.placed, from, to).map((place) => (
            <MapNode
              key={place.device.id}
              place={place}
              state={states.get(place.device.id) ?? 'unknown'}
              others={place.others.map((id) => names.get(id) ?? id)}
              isFound={found.has(place.device.id)}
            />
          ))}
        </svg>
      </div>
    </>
  );
}

function curve({ x1, y1, x2, y2 }: Line): string {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function isCut(state: string | undefined): boolean {
  return state === 'down' || state === 'unreachable';
}

interface MapNodeProps {
  readonly place: Placed;
  readonly state: MapDevice['state'];
  /** What else it is reached through. */
  readonly others: readonly string[];
  readonly isFound: boolean;
}

function MapNode({ place, state, others, isFound }: MapNodeProps): JSX.Element {
  const { device, x, y, isCell, below } = place;
  const name = device.name.length > NAME_LENGTH ? `${device.name.slice(0, NAME_LENGTH - 1)}…` : device.name;
  // What a screen reader says begins with what is written.
  const shown = below > 0 ? `${name} ${count(below)}` : name;
  const also = others.length === 0 ? '' : `, also through ${others.join(', ')}`;
  return (
    <a
      href={deviceHref(device.id)}
      class={`map-node state-${state}${isFound ? ' is-found' : ''}`}
      aria-label={`${isCell ? device.name : shown}: ${STATE_NAMES[state]}${also}`}
    >
      <title>
        {device.name}: {STATE_NAMES[state]}
        {below > 0 ? `, ${count(below)} behind it` : ''}
        {also}
      </title>
      {isFound && <circle class="halo" cx={x} cy={y} r={isCell ? CELL / 2 : ROW / 2 - 2} />}
      <g transform={`translate(${x - (isCell ? 6 : 7)} ${y - (isCell ? 6 : 7)})`}>
        <svg width={isCell ? 12 : 14} height={isCell ? 12 : 14} viewBox="0 0 16 16">
          <StateIcon state={state} />
        </svg>
      </g>
      {!isCell && (
        <text x={x + 13} y={y + 4}>
          {name}
          {below > 0 && <tspan class="map-below"> {count(below)}</tspan>}
        </text>
      )}
    </a>
  );
}

function mapDevices(network: Network): MapDevice[] {
  const devices: MapDevice[] = [];
  for (const row of network.devices.values()) {
    if (isListed(row))
      devices.push({ id: row.id, name: nameOf(row), state: stateOf(row), parents: row.spec?.parents ?? [] });
  }
  return devices;
}
