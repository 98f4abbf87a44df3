import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { MonitorContext, Timer } from '@guaita/service';

/** Long enough for a broker to say what it keeps of one monitor. */
const HEAR_FOR_ms = 10_000;

/**
 * Takes away what the broker keeps of a monitor that is forgotten: its header, claims and intents. What its probing
 * services said expires by itself.
 */
export class ForgottenMonitors {
  readonly #context: MonitorContext;
  readonly #hearing = new Map<Id, { readonly timer: Timer; readonly ends: Promise<() => Promise<void>>[] }>();

  constructor(context: MonitorContext) {
    this.#context = context;
  }

  forget(monitor: Id): void {
    const { clock, turn } = this.#context;
    if (this.#hearing.has(monitor) || !turn.speaks) return;
    const ends = [channels.status, channels.claims, channels.intents].map((channel) =>
      this.#takeAway(channel.filter(this.#context.wire.base, { monitor })),
    );
    this.#hearing.set(monitor, { ends, timer: clock.after(HEAR_FOR_ms, () => void this.#end(monitor)) });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#hearing.keys()].map((monitor) => this.#end(monitor)));
  }

  /** Gives what ends it, which never fails: what is kept is gone also when another forgets the monitor. */
  async #takeAway(filter: string): Promise<() => Promise<void>> {
    const { wire, log } = this.#context;
    const warn = (error: unknown): void => {
      log.warn(
        { err: error },
        `what the broker keeps under ${filter} of a forgotten monitor is not taken away for sure`,
      );
    };
    try {
      const end = await wire.bus.subscribe(filter, ({ topic, retain, payload }) => {
        if (retain && payload.length > 0) wire.bus.publish({ topic, payload: '', qos: 1, retain: true });
      });
      return () => end().catch(warn);
    } catch (error) {
      warn(error);
      return () => Promise.resolve();
    }
  }

  async #end(monitor: Id): Promise<void> {
    const hearing = this.#hearing.get(monitor);
    this.#hearing.delete(monitor);
    hearing?.timer.cancel();
    for (const end of hearing?.ends ?? []) await (await end)();
  }
}
