import { PERIODS, type Period } from './history/periods.ts';
import { WORST_BY, type WorstBy } from './history/worst.ts';
import { ALL, SORTS, type Selection } from './network/selection.ts';
import { isState } from './network/state.ts';

/** How far back a device's history is shown. */
export const RANGES = {
  '1h': 3600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
  '1y': 31_536_000,
} as const;
export type Range = keyof typeof RANGES;
const DEFAULT_RANGE: Range = '6h';

/** Where somebody is on the page: all of it stands in the address, so that a view can be sent to somebody. */
export type Route =
  | { readonly view: 'overview' | 'monitors' | 'services' }
  | { readonly view: 'devices'; readonly selection: Selection }
  | { readonly view: 'device'; readonly device: string; readonly range: Range }
  | { readonly view: 'map'; readonly text: string }
  | { readonly view: 'reports'; readonly report: Report };

/** What is reported: how much of which time devices that bear a tag were up, and which did worst of late, by what. */
export interface Report {
  /** Of all devices when empty. */
  readonly tag: string;
  readonly period: Period;
  readonly by: WorstBy;
  readonly range: Range;
}

export const DEFAULT_REPORT: Report = { tag: '', period: '30d', by: 'loss', range: '24h' };

/** Reads what stands behind `#`; what is not known is as if it were not there. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const parameters = new URLSearchParams(query);
  const [view = '', name = ''] = path.split('/').map(decoded);
  switch (view) {
    case 'devices': {
      const sort = SORTS.find((known) => known === parameters.get('sort')) ?? ALL.sort;
      return {
        view,
        selection: {
          states: (parameters.get('state') ?? '').split(',').filter(isState),
          tag: parameters.get('tag') ?? '',
          site: parameters.get('site') ?? '',
          text: parameters.get('text') ?? '',
          sort,
          isDescending: parameters.get('order') === 'desc',
        },
      };
    }
    case 'device':
      return { view, device: name, range: oneOf(RANGES, parameters.get('range'), DEFAULT_RANGE) };
    case 'reports': {
      const { period, by, range } = DEFAULT_REPORT;
      return {
        view,
        report: {
          tag: parameters.get('tag') ?? '',
          period: oneOf(PERIODS, parameters.get('period'), period),
          by: oneOf(WORST_BY, parameters.get('by'), by),
          range: oneOf(RANGES, parameters.get('range'), range),
        },
      };
    }
    case 'map':
      return { view, text: parameters.get('text') ?? '' };
    case 'monitors':
    case 'services':
      return { view };
    default:
      return { view: 'overview' };
  }
}

/** The address of a place on the page, from `#` on. */
export function hrefOf(route: Route): string {
  const parameters = new URLSearchParams();
  const set = (name: string, value: string): void => {
    if (value !== '') parameters.set(name, value);
  };
  let path: string = route.view === 'overview' ? '' : route.view;
  switch (route.view) {
    case 'devices': {
      const { states, tag, site, text, sort, isDescending } = route.selection;
      set('state', states.join(','));
      set('tag', tag);
      set('site', site);
      set('text', text);
      set('sort', sort === ALL.sort ? '' : sort);
      set('order', isDescending ? 'desc' : '');
      break;
    }
    case 'device':
      path = `device/${encodeURIComponent(route.device)}`;
      set('range', route.range === DEFAULT_RANGE ? '' : route.range);
      break;
    case 'map':
      set('text', route.text);
      break;
    case 'reports':
      for (const name of ['tag', 'period', 'by', 'range'] as const) {
        const value = route.report[name];
        set(name, value === DEFAULT_REPORT[name] ? '' : value);
      }
      break;
    case 'overview':
    case 'monitors':
    case 'services':
      break;
  }
  const query = parameters.toString();
  return `#/${path}${query === '' ? '' : `?${query}`}`;
}

/** The address of a selection of devices, by what differs from all of them. */
export function devicesHref(change: Partial<Selection>): string {
  return hrefOf({ view: 'devices', selection: { ...ALL, ...change } });
}

export function deviceHref(device: string): string {
  return hrefOf({ view: 'device', device, range: DEFAULT_RANGE });
}

/** One of the keys of a table, or what stands in for it. */
function oneOf<Key extends string>(table: Readonly<Record<Key, unknown>>, text: string | null, otherwise: Key): Key {
  return text !== null && Object.hasOwn(table, text) ? (text as Key) : otherwise;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
