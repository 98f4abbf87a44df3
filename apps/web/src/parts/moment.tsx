import type { JSX } from 'preact';
import { age, clock, exact } from '../units/times.ts';

/** How long ago something was, with the moment itself at hand. */
export function Ago({ at_ms, now_ms }: { readonly at_ms: number; readonly now_ms: number }): JSX.Element {
  return (
    <time dateTime={new Date(at_ms).toISOString()} title={exact(at_ms)}>
      {age(at_ms, now_ms)}
    </time>
  );
}

/** A moment on the viewer's clock. */
export function At({ at_ms, now_ms }: { readonly at_ms: number; readonly now_ms: number }): JSX.Element {
  return (
    <time dateTime={new Date(at_ms).toISOString()} title={exact(at_ms)}>
      {clock(at_ms, now_ms)}
    </time>
  );
}
