import { BusError, type Bus, type OutgoingMessage } from '@guaita/bus';
import type { Id } from '@guaita/model';

/** The queue of a link's own bus, by its name in the tests. */
export const OUTBOX = 'the outbox of its bus';

/** Less than the topics of a monitor's claims and intents, so that it can be full of them. */
const OUTBOX_LIMIT = 160;

interface Watched {
  /** The newest on each topic. */
  readonly kept: Map<string, OutgoingMessage>;
  refused: boolean;
  loses: boolean;
}

/** The buses of links, of which is seen what is said, and made that some of it is lost. */
export class WatchedBuses {
  /** What makes their outboxes small. What has been sent is remembered as ever. */
  readonly small = { outboxLimit: OUTBOX_LIMIT, stateLimit: 10_000 };
  readonly #watched = new Map<Id, Watched>();

  /** Watches the bus of a monitor's link from now on; gives it back. */
  watch<B extends Bus>(monitor: Id, bus: B): B {
    const watched: Watched = { kept: new Map(), refused: false, loses: false };
    this.#watched.set(monitor, watched);
    const publish = bus.publish.bind(bus);
    bus.publish = (message) => {
      if (watched.loses && isCounted(message)) return;
      if (message.retain) watched.kept.set(message.topic, message);
      try {
        publish(message);
      } catch (error) {
        watched.refused ||= error instanceof BusError;
        throw error;
      }
    };
    return bus;
  }

  /** The bus has refused something. */
  isOver(monitor: Id): boolean {
    return this.#of(monitor).refused;
  }

  lose(monitor: Id, say: () => void): void {
    const watched = this.#of(monitor);
    watched.loses = true;
    say();
    watched.loses = false;
  }

  /** What was said to be kept, of each topic the newest. */
  kept(monitor: Id): OutgoingMessage[] {
    return [...this.#of(monitor).kept.values()];
  }

  #of(monitor: Id): Watched {
    const watched = this.#watched.get(monitor);
    if (watched === undefined) throw new Error(`${monitor} has no link`);
    return watched;
  }
}

/** Claims and intents: what a header has the digests of. */
function isCounted({ topic }: OutgoingMessage): boolean {
  return topic.includes('/claims/') || topic.includes('/intents/');
}
