import type { SerfUserEvent } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { SerfClient, SerfEvent, Subscription } from '@guaita/serf';
import type { Clock, Timer } from '@guaita/service';
import { Flow, PER_s } from './flow.ts';
import { toldEvent } from './told-event.ts';
import type { WantedEvents } from './wanted-events.ts';

/** What became of an event that is wanted. */
export type EventResult = 'told' | 'flood' | 'unfit';

export interface SerfEventsOptions {
  readonly agent: Pick<SerfClient, 'stream'>;
  readonly clock: Clock;
  readonly wanted: WantedEvents;
  /** Whether it is ours to tell, should several publishers share the broker: each of their agents hears of each event. */
  readonly speaks: () => boolean;
  readonly say: (name: Id, event: SerfUserEvent) => void;
  readonly onResult: (result: EventResult) => void;
  /** What is not told at present, for people; nothing when all is well. */
  readonly onTrouble: (remarks: readonly string[]) => void;
}

/** For so long none has been passed over when it is over. */
const QUIET_ms = 60_000;

/** However many are passed over, and for what, it is one remark: their names are strangers' words. */
const PASSED_OVER =
  `some are passed over: more than ${PER_s} a second come, or they are too large, or their names make no topic; ` +
  'look who sends them (serf monitor), or want fewer';

/** Tells on MQTT of user events of the Serf cluster, on `serf/event/<name>`. */
export class SerfEvents {
  readonly #options: SerfEventsOptions;
  readonly #flow = new Flow();
  #stream: Subscription | undefined;
  #quiet: Timer | undefined;
  #refusal: string | undefined;

  constructor(options: SerfEventsOptions) {
    this.#options = options;
  }

  start(): void {
    const { agent, wanted } = this.#options;
    this.#stream = agent.stream(wanted.types, {
      event: (event) => this.#take(event),
      refused: ({ message }) => {
        this.#refusal = message;
        this.#report();
      },
    });
  }

  /** Tells nothing more. */
  stop(): void {
    this.#stream?.stop();
    this.#quiet?.cancel();
  }

  #take(event: SerfEvent): void {
    const { clock, wanted, speaks, say, onResult } = this.#options;
    if (event.kind !== 'user' || !wanted.has(event.name) || !speaks()) return;
    const told = toldEvent(event, new Date(clock.now_ms()).toISOString());
    if (told === undefined) return this.#passOver('unfit');
    if (!this.#flow.lets(clock.monotonic_ms())) return this.#passOver('flood');
    say(told.id, told.event);
    onResult('told');
  }

  #passOver(why: EventResult): void {
    const { clock, onResult } = this.#options;
    onResult(why);
    const isFirst = this.#quiet === undefined;
    this.#quiet?.cancel();
    this.#quiet = clock.after(QUIET_ms, () => {
      this.#quiet = undefined;
      this.#report();
    });
    if (isFirst) this.#report();
  }

  #report(): void {
    const remarks = [this.#refusal, this.#quiet && PASSED_OVER];
    this.#options.onTrouble(remarks.flatMap((remark) => remark ?? []));
  }
}
