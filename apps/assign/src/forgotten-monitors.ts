import type { IncomingMessage } from '@guaita/bus';
import { channels, PayloadError } from '@guaita/messages';
import type { Id, Intent } from '@guaita/model';
import { hearRetained, type MonitorContext, type NameMemory } from '@guaita/service';

/**
 * Takes away what the broker keeps of monitors that are forgotten: their headers, claims, intents and which receivers
 * they have, up to the incarnation that is forgotten. What their probing services said expires by itself.
 *
 * Operators' intents say for good who is forgotten; what was taken away of them here stands on disk. So whatever
 * interrupts it (a restart, a broken connection, another's turn), it is done at the next occasion, and once.
 */
export class ForgottenMonitors {
  readonly #context: MonitorContext;
  /** Whose remains are gone from this broker, with the incarnation. */
  readonly #memory: NameMemory;
  #purged: Set<string> | undefined;
  /** Up to which incarnation each monitor is forgotten, where its remains may still be there. */
  readonly #due = new Map<Id, number>();
  #working: Promise<void> | undefined;
  #again = false;
  #hearing = new AbortController();
  readonly #stopping = new AbortController();
  readonly #releases: (() => void)[] = [];

  constructor(context: MonitorContext, memory: NameMemory) {
    this.#context = context;
    this.#memory = memory;
  }

  start(): void {
    const { wire, turn } = this.#context;
    const follow = (may: boolean): void => {
      if (may) this.#work();
      else this.#hearing.abort();
    };
    this.#releases.push(wire.bus.onConnection(follow), turn.onChange(follow));
  }

  async stop(): Promise<void> {
    for (const release of this.#releases.splice(0)) release();
    this.#stopping.abort();
    await this.#working;
  }

  /** Takes in what operators intend: those that are forgotten are remembered until nothing of them is left. */
  follow(intents: Iterable<Intent>): void {
    for (const intent of intents) {
      if (intent.kind !== 'forget' || !intent.wanted || intent.subject === this.#context.monitor) continue;
      this.#due.set(intent.subject, Math.max(intent.incarnation, this.#due.get(intent.subject) ?? 0));
    }
    if (this.#due.size > 0) this.#work();
  }

  get #may(): boolean {
    const { turn, wire } = this.#context;
    return turn.speaks && wire.bus.connected && !this.#stopping.signal.aborted;
  }

  #work(): void {
    this.#again = true;
    this.#working ??= this.#run();
  }

  async #run(): Promise<void> {
    // A run that ends in the step in which it begins would be taken for one that goes on.
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      for (const [monitor, incarnation] of this.#due) {
        if (!this.#may) break;
        try {
          if (await this.#purge(monitor, incarnation)) this.#due.delete(monitor);
        } catch (error) {
          if (this.#stopping.signal.aborted) break;
          const cause = error instanceof Error ? error.message : String(error);
          const { log } = this.#context;
          log.warn(
            { err: error },
            `what the broker keeps of ${monitor}, which is forgotten, is not gone yet: ${cause}`,
          );
        }
      }
    }
    this.#working = undefined;
  }

  /** Gives whether nothing of it is left. */
  async #purge(monitor: Id, incarnation: number): Promise<boolean> {
    this.#purged ??= new Set(await this.#memory.read());
    const name = `${monitor} ${incarnation}`;
    if (this.#purged.has(name)) return true;
    const remains = await this.#hear(monitor);
    if (remains === undefined || !this.#may) return false;
    const { bus, base } = this.#context.wire;
    // One that came back says the rest again, and it bears no incarnation.
    const isBack = [...remains.values()].some((each) => each > incarnation);
    for (const [topic, each] of remains) {
      const bearsNone = [channels.intents, channels.receivers].some(
        (channel) => channel.parse(base, topic) !== undefined,
      );
      if (each > incarnation || (isBack && bearsNone)) continue;
      bus.publish({ topic, payload: '', qos: 1, retain: true });
    }
    await bus.flushed(this.#stopping.signal);
    await this.#memory.came([name]);
    this.#purged.add(name);
    return (this.#due.get(monitor) ?? 0) <= incarnation;
  }

  /** The topics on which the broker keeps something of a monitor, and of which incarnation that is. */
  async #hear(monitor: Id): Promise<ReadonlyMap<string, number> | undefined> {
    const { clock, log, wire, monitor: self } = this.#context;
    const remains = new Map<string, number>();
    const receive = (message: IncomingMessage): void => {
      if (message.payload.length === 0) remains.delete(message.topic);
      else remains.set(message.topic, this.#incarnationOf(message));
    };
    this.#hearing = new AbortController();
    const signal = AbortSignal.any([this.#hearing.signal, this.#stopping.signal]);
    const filters = [channels.status, channels.claims, channels.intents, channels.receivers].map((each) =>
      each.filter(wire.base, { monitor }),
    );
    const mark = { monitor: self, name: 'forgotten' };
    const end = await hearRetained({ wire, clock, mark, filters, receive }, signal);
    if (end === 'late') log.warn(`the broker did not say all it keeps of ${monitor}, which is forgotten: asked later`);
    return end === 'marked' ? remains : undefined;
  }

  /** 0 where it bears none, or is not to be read. */
  #incarnationOf({ topic, payload }: IncomingMessage): number {
    const { base } = this.#context.wire;
    try {
      if (channels.status.parse(base, topic) !== undefined) return channels.status.decode(topic, payload).incarnation;
      if (channels.claims.parse(base, topic) !== undefined) return channels.claims.decode(topic, payload).incarnation;
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
    }
    return 0;
  }
}
