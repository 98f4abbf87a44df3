import { ALL_KEPT, type IncomingMessage, type Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Clock } from '../clock.ts';

/** Far more than a broker on this host needs; after it we go on with what was heard. */
const PATIENCE_ms = 30_000;

export interface HearRetainedOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  /** Who hears, and what for: the end of the topic for the mark. No two may hear under one at the same time. */
  readonly mark: { readonly monitor: Id; readonly name: Id };
  readonly filters: readonly string[];
  /** Given what the broker keeps, and what is said meanwhile. */
  readonly receive: (message: IncomingMessage) => void;
}

/**
 * Hears all that a broker keeps under some filters. It sends that in answer to the subscription; a message of our own
 * that comes back after it marks the end. QoS 0, since brokers bound their queues of QoS 1 (Mosquitto: 1,000 messages)
 * and drop the rest without a word.
 *
 * @returns whether the end was marked, or did not come in 30 s; `abandoned` when the signal aborted.
 * @throws {BusError} when the broker refuses a filter.
 */
export async function hearRetained(
  { wire, clock, mark: { monitor, name }, filters, receive }: HearRetainedOptions,
  signal: AbortSignal,
): Promise<'marked' | 'late' | 'abandoned'> {
  const end = Promise.withResolvers<'marked' | 'late' | 'abandoned'>();
  const abandon = (): void => end.resolve('abandoned');
  if (signal.aborted) return 'abandoned';
  signal.addEventListener('abort', abandon, { once: true });
  const patience = clock.after(PATIENCE_ms, () => end.resolve('late'));
  const mark = { user: monitor, request: name };
  const unsubscribe: (() => Promise<void>)[] = [];
  try {
    for (const filter of filters) unsubscribe.push(await wire.bus.subscribe(filter, receive, ALL_KEPT));
    unsubscribe.push(await wire.hear(channels.reply, mark, () => end.resolve('marked')));
    wire.say(channels.reply, mark, { ok: true, monitor });
    return await end.promise;
  } finally {
    patience.cancel();
    signal.removeEventListener('abort', abandon);
    for (const stop of unsubscribe) await stop();
  }
}
