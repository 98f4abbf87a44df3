import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLive } from '../page.ts';
import { useNow } from '../parts/now.ts';
import { ConnectionSign } from './connection-sign.tsx';
import { Announcements } from './announcements.tsx';
import { DeviceView } from './device.tsx';
import { DevicesView } from './devices.tsx';
import { MapView } from './map.tsx';
import { MonitorsView } from './monitors.tsx';
import { Overview } from './overview.tsx';
import { ReportsView } from './reports.tsx';
import { ServicesView } from './services.tsx';
import { Settings } from './settings.tsx';
import { clock, duration } from '../units/times.ts';
import { DEFAULT_REPORT, devicesHref, hrefOf, parseRoute, type Route } from '../route.ts';
import { ALL } from '../network/selection.ts';

const TABS: readonly (readonly [string, Route, readonly Route['view'][]])[] = [
  ['Overview', { view: 'overview' }, ['overview']],
  ['Devices', { view: 'devices', selection: ALL }, ['devices', 'device']],
  ['Map', { view: 'map', text: '' }, ['map']],
  ['Monitors', { view: 'monitors' }, ['monitors']],
  ['Reports', { view: 'reports', report: DEFAULT_REPORT }, ['reports']],
  ['Services', { view: 'services' }, ['services']],
];

const TITLES: Readonly<Record<Route['view'], string>> = {
  overview: 'Overview',
  devices: 'Devices',
  device: 'Device',
  map: 'Map',
  monitors: 'Monitors',
  services: 'Services',
  reports: 'Reports',
};

/** The frame around all views: where one is, whether it is live, and who looks. */
export function Shell({ onLeft }: { readonly onLeft: () => void }): JSX.Element {
  const page = useLive();
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const { connection, network } = page;
  const place = route.view === 'device' ? `device ${route.device}` : route.view;
  const isFirst = useRef(true);
  useEffect(() => {
    // Who goes to another view by keyboard is to stand at its beginning.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    main.current?.scrollTo(0, 0);
  }, [place]);
  const { down } = network.counts;
  useEffect(() => {
    const title =
      route.view === 'device' ? (network.devices.get(route.device)?.spec?.name ?? route.device) : TITLES[route.view];
    document.title = `${down > 0 ? `(${down} down) ` : ''}${title} · Guaita`;
  });
  return (
    <div class="shell" data-phase={connection.phase}>
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={hrefOf({ view: 'overview' })} aria-label="Guaita, overview">
          <img src="/icon.svg" alt="" width="24" height="24" />
          <span>Guaita</span>
        </a>
        <nav class="tabs" aria-label="Views">
          {TABS.map(([name, to, views]) => (
            <a key={name} href={hrefOf(to)} aria-current={views.includes(route.view) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <QuickSearch />
        <div class="top-end">
          <ConnectionSign connection={connection} />
          <Settings onLeft={onLeft} />
        </div>
      </header>
      <LostBanner />
      <main id="content" ref={main} tabIndex={-1} class={`view view-${route.view}`}>
        <View route={route} />
      </main>
      <Announcements />
    </div>
  );
}

function View({ route }: { readonly route: Route }): JSX.Element {
  switch (route.view) {
    case 'overview':
      return <Overview />;
    case 'devices':
      return <DevicesView selection={route.selection} />;
    case 'device':
      return <DeviceView key={route.device} device={route.device} range={route.range} />;
    case 'map':
      return <MapView text={route.text} />;
    case 'monitors':
      return <MonitorsView />;
    case 'reports':
      return <ReportsView report={route.report} />;
    case 'services':
      return <ServicesView />;
  }
}

/** While the broker is away: since when what is shown is old, in words. */
function LostBanner(): JSX.Element | null {
  const { connection } = useLive();
  const now_ms = useNow(1000);
  if (connection.phase !== 'lost') return null;
  return (
    <p class="lost-banner" role="status">
      <strong>Reconnecting.</strong> The broker has been away for {duration(now_ms - connection.since_ms)}; this is how
      things were at {clock(connection.since_ms, now_ms)}.
    </p>
  );
}

/** Finds devices from anywhere; `/` brings one here. */
function QuickSearch(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.matches('input, select, textarea, [contenteditable]')) return;
      event.preventDefault();
      const own = document.querySelector<HTMLInputElement>('#device-text');
      (own ?? input.current)?.focus();
      (own ?? input.current)?.select();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <form
      class="quick"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = devicesHref({ text: input.current?.value.trim() ?? '' });
        if (input.current) input.current.value = '';
      }}
    >
      <label class="unseen" for="quick">
        Find devices
      </label>
      <input id="quick" ref={input} type="search" placeholder="Find devices  /" autocomplete="off" spellcheck={false} />
    </form>
  );
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}
