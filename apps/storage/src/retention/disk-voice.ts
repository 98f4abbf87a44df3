import { channels, PayloadError, type DiskState } from '@guaita/messages';
import { hearRetained, type MonitorContext, type Timer } from '@guaita/service';
import type { DiskReport } from './retention.ts';

/** A quarter of the time after which brokers forget it. */
const AGAIN_ms = 6 * 3_600_000;

/** Says how the disk stands, when that changes: an event that goes on over a restart is one. */
export class DiskVoice {
  readonly #context: MonitorContext;
  readonly #stopping = new AbortController();
  #said: DiskState | undefined;
  #newest: DiskReport | undefined;
  #hasHeard = false;
  #hearing: Promise<void> | undefined;
  #againTimer: Timer | undefined;

  constructor(context: MonitorContext) {
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

  /** How the disk stands now. */
  report(newest: DiskReport): void {
    this.#newest = newest;
    if (this.#hasHeard) this.#sayIfNew();
  }

  async #learn(): Promise<void> {
    const { wire, clock, log, monitor } = this.#context;
    const topic = channels.disk.topic(wire.base, { monitor });
    try {
      await hearRetained(
        {
          ...{ wire, clock, mark: { monitor, name: 'disk' }, filters: [topic] },
          receive: ({ payload }) => {
            try {
              if (payload.length > 0) this.#said = channels.disk.decode(topic, payload);
            } catch (error) {
              if (!(error instanceof PayloadError)) throw error;
            }
          },
        },
        this.#stopping.signal,
      );
    } catch (error) {
      log.debug({ err: error }, 'what was said of the disk before cannot be heard');
    }
    if (this.#stopping.signal.aborted) return;
    this.#hasHeard = true;
    this.#sayIfNew();
  }

  #sayIfNew(): void {
    if (this.#newest === undefined) return;
    const { standing, room, history_bytes, gaveUp } = this.#newest;
    if (this.#said?.state === standing && this.#said.gave_up === gaveUp) return;
    const { clock } = this.#context;
    // What is given up otherwise than before is the same event.
    const since = this.#said?.state === standing ? this.#said.since : new Date(clock.now_ms()).toISOString();
    this.#said = {
      ...{ state: standing, since, free_bytes: room.free_bytes, total_bytes: room.total_bytes, history_bytes },
      ...(gaveUp === undefined ? {} : { gave_up: gaveUp }),
    };
    this.#say();
  }

  #say(): void {
    const { monitor, wire } = this.#context;
    if (this.#said !== undefined) wire.say(channels.disk, { monitor }, this.#said);
  }

  #sayAgainLater(): void {
    this.#againTimer = this.#context.clock.after(AGAIN_ms, () => {
      this.#say();
      this.#sayAgainLater();
    });
  }
}
