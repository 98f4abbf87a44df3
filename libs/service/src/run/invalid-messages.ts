import { channels, type PayloadError } from '@guaita/messages';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';

/** Often enough to see that it goes on, seldom enough that a wrong publisher does not fill a Pi's card with log. */
const LINE_EVERY_MS = 60_000;

/** Logs messages that break the contract: of each channel one line a minute, with how many there were since the last. */
export class InvalidMessages {
  readonly #base: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #said = new Map<string, { at_ms: number; since: number }>();

  constructor(base: string, clock: Clock, log: Logger) {
    this.#base = base;
    this.#clock = clock;
    this.#log = log;
  }

  note(error: PayloadError): void {
    const channel = this.#channelOf(error.topic);
    const now_ms = this.#clock.monotonic_ms();
    const said = this.#said.get(channel);
    if (said !== undefined && now_ms - said.at_ms < LINE_EVERY_MS) {
      said.since += 1;
      return;
    }
    const more = said === undefined || said.since === 0 ? '' : `; so did ${said.since} more since the last such line`;
    this.#log.warn({ err: error, channel }, `a message breaks the contract and is passed over${more}`);
    this.#said.set(channel, { at_ms: now_ms, since: 0 });
  }

  /** Never the topic itself: whoever makes topics up must not make the map grow. */
  #channelOf(topic: string): string {
    const found = Object.values(channels).find((channel) => channel.parse(this.#base, topic) !== undefined);
    return found?.definition.name ?? 'none';
  }
}
