import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { nameOf } from '../network/network.ts';
import type { Change } from '../network/rows.ts';
import { STATE_NAMES } from '../network/state.ts';
import { useLive } from '../page.ts';
import { counted } from '../units/figures.ts';

/** Changes of so long are told in one breath: a screen reader is not to be flooded. */
const GATHER_ms = 1500;
const NAMED = 3;

/** Tells changes of state to who does not see them. */
export function Announcements(): JSX.Element {
  const page = useLive();
  const [words, setWords] = useState('');
  const told = useRef<Change | undefined>(page.network.changes[0]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const newest = page.network.changes[0];
  useEffect(() => {
    if (newest === told.current || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const { changes, devices } = page.network;
      const end = told.current === undefined ? changes.length : changes.indexOf(told.current);
      const news = changes.slice(0, end < 0 ? changes.length : end).filter((change) => change.what === 'state');
      told.current = changes[0];
      if (news.length === 0) return;
      const named = news.slice(0, NAMED).map(({ device, to }) => {
        const row = devices.get(device);
        return `${row === undefined ? device : nameOf(row)} is ${STATE_NAMES[to].toLowerCase()}`;
      });
      const rest = news.length - named.length;
      setWords(`${named.join('; ')}${rest > 0 ? `; and ${counted(rest, 'more change')}` : ''}.`);
    }, GATHER_ms);
  }, [newest, page]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div class="unseen" role="status" aria-live="polite">
      {words}
    </div>
  );
}
