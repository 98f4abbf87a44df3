import type { Wire } from '@guaita/bus';
import { type Channel, PayloadError } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock, Timer } from '../clock.ts';
import { hearRetained } from './hear-retained.ts';

export interface StandingWordOptions<Value, Report> {
  readonly context: { readonly wire: Wire; readonly clock: Clock; readonly log: Logger; readonly monitor: Id };
  /** Whose topic has the monitor’s name in it; its messages are retained. */
  readonly channel: Channel<`monitor/{monitor}/${string}`, z.ZodType<Value>>;
  /** It is said again so often: brokers forget it some times later, when nobody is left who knows better. */
  readonly again_ms: number;
  /** What is to be said from now on; `undefined`: what was said last still tells it. */
  readonly next: (report: Report, said: Value | undefined) => Value | undefined;
  /** Whether what a former life said is of the event that goes on. Default: it is. */
  readonly goesOn?: (said: Value) => boolean;
  /** As it is said now, once more. Default: as it was. */
  readonly anew?: (said: Value) => Value;
}

/** What a monitor says of itself while it is so: when it changes, and now and then. What goes on over a restart is one event. */
export class StandingWord<Value, Report> {
  readonly #options: StandingWordOptions<Value, Report>;
  readonly #stopping = new AbortController();
  #said: Value | undefined;
  #newest: { readonly report: Report } | undefined;
  #hasHeard = false;
  #hearing: Promise<void> | undefined;
  #againTimer: Timer | undefined;

  constructor(options: StandingWordOptions<Value, Report>) {
    this.#options = options;
  }

  /** Learns what was said before, in its own time: nothing is said until then. */
  start(): void {
    this.#hearing = this.#learn();
    this.#sayAgainLater();
  }

  async stop(): Promise<void> {
    this.#againTimer?.cancel();
    this.#stopping.abort();
    await this.#hearing;
  }

  /** How it stands now. */
  report(report: Report): void {
    this.#newest = { report };
    if (this.#hasHeard) this.#sayIfNew();
  }

  async #learn(): Promise<void> {
    const { channel, context, goesOn = () => true } = this.#options;
    const { wire, clock, log, monitor } = context;
    const { name } = channel.definition;
    const topic = channel.topic(wire.base, { monitor });
    const receive = ({ payload }: { readonly payload: Uint8Array }): void => {
      try {
        const said = payload.length === 0 ? undefined : channel.decode(topic, payload);
        if (said !== undefined && goesOn(said)) this.#said = said;
      } catch (error) {
        if (!(error instanceof PayloadError)) throw error;
      }
    };
    try {
      await hearRetained(
        { wire, clock, mark: { monitor, name: name.toLowerCase() }, filters: [topic], receive },
        this.#stopping.signal,
      );
    } catch (error) {
      log.debug({ err: error }, `what was said before on ${topic} cannot be heard`);
    }
    if (this.#stopping.signal.aborted) return;
    this.#hasHeard = true;
    this.#sayIfNew();
  }

  #sayIfNew(): void {
    if (this.#newest === undefined) return;
    const next = this.#options.next(this.#newest.report, this.#said);
    if (next === undefined) return;
    this.#said = next;
    this.#say();
  }

  #say(): void {
    const { channel, context } = this.#options;
    if (this.#said !== undefined) context.wire.say(channel, { monitor: context.monitor }, this.#said);
  }

  #sayAgainLater(): void {
    const { again_ms, anew, context } = this.#options;
    this.#againTimer = context.clock.after(again_ms, () => {
      if (this.#said !== undefined && anew !== undefined) this.#said = anew(this.#said);
      if (this.#hasHeard) this.#say();
      this.#sayAgainLater();
    });
  }
}
