import { channels, PayloadError, type ServicesLeftOut } from '@guaita/messages';
import { hearRetained, type MonitorContext, type Timer } from '@guaita/service';
import { keyOf } from './services/union.ts';
import type { LeftOut, Sink } from './sinks/sink.ts';

/** A third of the time after which brokers forget it, and alerts are over. */
const AGAIN_ms = 300_000;
/** What was said longer ago is over everywhere: what begins now is another event. */
const GOES_ON_ms = 900_000;
/** As many as people may want to read. */
const NAMED_MOST = 10;

/** What a sink leaves out now. */
interface Report {
  readonly leftOut: readonly LeftOut[];
  readonly room_bytes: number;
}

/** Says which services do not fit into the tag, when that changes, and now and then: what goes on over a restart is one event. */
export class LeftOutVoice {
  readonly #context: Pick<MonitorContext, 'wire' | 'clock' | 'log' | 'monitor'>;
  readonly #stopping = new AbortController();
  #said: ServicesLeftOut | undefined;
  #newest: Report | undefined;
  #hasHeard = false;
  #hearing: Promise<void> | undefined;
  #againTimer: Timer | undefined;

  constructor(context: Pick<MonitorContext, 'wire' | 'clock' | 'log' | 'monitor'>) {
    this.#context = context;
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

  /** The same sink, of which it is said what it leaves out. */
  of(sink: Sink, room_bytes: number): Sink {
    return {
      name: sink.name,
      publish: async (services, complete) => {
        const leftOut = await sink.publish(services, complete);
        // Of services that are not known yet it is not known whether they fit.
        if (complete || leftOut.length > 0) this.report({ leftOut, room_bytes });
        return leftOut;
      },
    };
  }

  /** What is left out now. */
  report(newest: Report): void {
    this.#newest = newest;
    if (this.#hasHeard) this.#sayIfNew();
  }

  async #learn(): Promise<void> {
    const { wire, clock, log, monitor } = this.#context;
    const topic = channels.leftOut.topic(wire.base, { monitor });
    try {
      await hearRetained(
        {
          ...{ wire, clock, mark: { monitor, name: 'services-left-out' }, filters: [topic] },
          receive: ({ payload }) => {
            try {
              if (payload.length > 0) this.#remember(channels.leftOut.decode(topic, payload));
            } catch (error) {
              if (!(error instanceof PayloadError)) throw error;
            }
          },
        },
        this.#stopping.signal,
      );
    } catch (error) {
      log.debug({ err: error }, 'what was said of services that are left out cannot be heard');
    }
    if (this.#stopping.signal.aborted) return;
    this.#hasHeard = true;
    this.#sayIfNew();
  }

  #remember(said: ServicesLeftOut): void {
    if (Math.abs(this.#context.clock.now_ms() - Date.parse(said.at)) < GOES_ON_ms) this.#said = said;
  }

  #sayIfNew(): void {
    if (this.#newest === undefined) return;
    const { leftOut, room_bytes } = this.#newest;
    const count = leftOut.length;
    const services = leftOut.slice(0, NAMED_MOST).map(({ service }) => keyOf(service));
    const before = this.#said;
    // That all fit is only said to whoever heard otherwise.
    if (before === undefined ? count === 0 : isSame(before, { count, services, room_bytes })) return;
    const goesOn = before !== undefined && before.count > 0 === count > 0;
    const since = goesOn ? before.since : this.#now();
    this.#said = { count, services, room_bytes, since, at: since };
    this.#say();
  }

  #say(): void {
    if (this.#said === undefined) return;
    const { monitor, wire } = this.#context;
    this.#said = { ...this.#said, at: this.#now() };
    wire.say(channels.leftOut, { monitor }, this.#said);
  }

  #sayAgainLater(): void {
    this.#againTimer = this.#context.clock.after(AGAIN_ms, () => {
      if (this.#hasHeard) this.#say();
      this.#sayAgainLater();
    });
  }

  #now(): string {
    return new Date(this.#context.clock.now_ms()).toISOString();
  }
}

type Content = Pick<ServicesLeftOut, 'count' | 'services' | 'room_bytes'>;

function isSame(a: Content, b: Content): boolean {
  const [one, other] = [a, b].map(({ count, services, room_bytes }) => JSON.stringify([count, services, room_bytes]));
  return one === other;
}
