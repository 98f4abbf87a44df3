import { figuresOf } from './figures.ts';
import { isListed, nameOf, stateOf, type Network } from './network.ts';
import type { DeviceRow } from './rows.ts';
import { severityOf, type State } from './state.ts';

export const SORTS = ['state', 'name', 'since', 'rtt', 'loss', 'monitors'] as const;
export type Sort = (typeof SORTS)[number];

/** Which devices are shown, and in which order. */
export interface Selection {
  readonly states: readonly State[];
  readonly tag: string;
  readonly site: string;
  /** Words that must all be found in a device's id, name, addresses, tags or monitors. */
  readonly text: string;
  readonly sort: Sort;
  readonly isDescending: boolean;
}

export const ALL: Selection = { states: [], tag: '', site: '', text: '', sort: 'state', isDescending: false };

/** The devices that are selected, in order. Equal ones stand by name. */
export function selected(network: Network, selection: Selection): DeviceRow[] {
  return inOrder(matching(network, selection), selection, ranksOf(network));
}

/** How many devices of a selection are in each state, whatever states it asks for. */
export function statesOf(network: Network, selection: Selection): Map<State, number> {
  const counts = new Map<State, number>();
  for (const row of matching(network, { ...selection, states: [] })) {
    counts.set(stateOf(row), (counts.get(stateOf(row)) ?? 0) + 1);
  }
  return counts;
}

function matching(network: Network, { states, tag, site, text }: Selection): DeviceRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: DeviceRow[] = [];
  for (const row of network.devices.values()) {
    if (!isListed(row)) continue;
    if (states.length > 0 && !states.includes(stateOf(row))) continue;
    if (tag !== '' && row.spec?.tags.includes(tag) !== true) continue;
    if (site !== '' && !network.sitesOf(row).includes(site)) continue;
    if (!words.every((word) => row.haystack.includes(word))) continue;
    rows.push(row);
  }
  return rows;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** A device's place among all by name. */
type Ranks = ReadonlyMap<DeviceRow, number>;

const ranks = new WeakMap<Network, { readonly names: number; readonly byRow: Ranks }>();

/** To compare names as people do takes most of the time of sorting: it is done once for all that follows. */
function ranksOf(network: Network): Ranks {
  const known = ranks.get(network);
  if (known?.names === network.names) return known.byRow;
  const rows = [...network.devices.values()].sort((a, b) => collator.compare(nameOf(a), nameOf(b)));
  const byRow = new Map(rows.map((row, rank) => [row, rank]));
  ranks.set(network, { names: network.names, byRow });
  return byRow;
}

/** What is not known stands last in either direction. */
function inOrder(rows: DeviceRow[], { sort, isDescending }: Selection, byRow: Ranks): DeviceRow[] {
  const sign = isDescending ? -1 : 1;
  const byName = (a: DeviceRow, b: DeviceRow): number => (byRow.get(a) ?? 0) - (byRow.get(b) ?? 0);
  if (sort === 'name') return rows.sort((a, b) => sign * byName(a, b));
  const keys = new Map(rows.map((row) => [row, keyOf(row, sort)]));
  return rows.sort((a, b) => {
    const [keyA, keyB] = [keys.get(a), keys.get(b)];
    if (keyA !== keyB) {
      if (keyA === undefined) return 1;
      if (keyB === undefined) return -1;
      return sign * (keyA - keyB);
    }
    return byName(a, b);
  });
}

function keyOf(row: DeviceRow, sort: Exclude<Sort, 'name'>): number | undefined {
  switch (sort) {
    case 'state':
      return severityOf(stateOf(row));
    case 'since':
      // What changed last stands first.
      return row.verdict && -row.verdict.since_ms;
    case 'rtt':
      return figuresOf(row).rtt_ms;
    case 'loss':
      return figuresOf(row).loss_percent;
    case 'monitors':
      return row.spec?.monitors.length;
  }
}

/** All tags and sites there are, for the filters. */
export function facets(network: Network): { tags: string[]; sites: string[] } {
  const tags = new Set<string>();
  const sites = new Set<string>();
  for (const { spec } of network.devices.values()) {
    for (const tag of spec?.tags ?? []) tags.add(tag);
    for (const site of spec?.onlySites ?? []) sites.add(site);
  }
  for (const { site } of network.monitors.values()) if (site !== '') sites.add(site);
  return { tags: [...tags].sort(collator.compare), sites: [...sites].sort(collator.compare) };
}
