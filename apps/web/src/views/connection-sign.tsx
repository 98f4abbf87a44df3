import type { JSX } from 'preact';
import type { Connection } from '../live/connection.ts';

const WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' } as const;

/** Whether what is seen is now. */
export function ConnectionSign({ connection }: { readonly connection: Connection }): JSX.Element {
  return (
    <span class={`sign sign-${connection.phase}`} title={connection.phase === 'lost' ? connection.why : undefined}>
      <svg viewBox="0 0 16 16" width="10" height="10" aria-hidden="true">
        {connection.phase === 'live' ? (
          <circle cx="8" cy="8" r="6" />
        ) : (
          <circle cx="8" cy="8" r="5" class="hollow dashed" />
        )}
      </svg>
      {WORDS[connection.phase]}
    </span>
  );
}
