import type { ServicesLeftOut } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Now } from '../now.ts';
import { leftOutText } from './texts.ts';
import type { Wish } from './wish.ts';

/** Who has room for too few services says so every five minutes: after three of them nobody does any more. */
const SILENT_ms = 900_000;

interface Heard {
  readonly said: ServicesLeftOut | undefined;
  /** By the monotonic clock. */
  readonly at_ms: number;
}

/** Which services monitors cannot tell of by Serf, and what is to be told of it. Each says so of its own. */
export class LeftOutServices {
  readonly #heard = new Map<Id, Heard>();

  /** What a monitor says that it leaves out; `undefined`: it was taken away. */
  hear(monitor: Id, said: ServicesLeftOut | undefined, { monotonic_ms }: Now): void {
    this.#heard.set(monitor, { said, at_ms: monotonic_ms });
  }

  /** The monitor is forgotten. */
  forget(monitor: Id): void {
    this.#heard.delete(monitor);
  }

  /** One event is what began at one time: all brokers name it alike. */
  wish(monitor: Id, { monotonic_ms, wall_ms }: Now): Wish {
    // What was told before anything was heard is over as well when nobody says it.
    const heard = this.#heard.get(monitor) ?? { said: undefined, at_ms: monotonic_ms };
    this.#heard.set(monitor, heard);
    const { said, at_ms } = heard;
    if (said?.count === 0)
      return { is: 'end', text: `All services of monitor ${monitor} fit into its Serf tags again` };
    const due_ms = at_ms + SILENT_ms;
    if (monotonic_ms >= due_ms) {
      return { is: 'end', text: `Monitor ${monitor} says no longer of which services it cannot tell by Serf` };
    }
    if (said === undefined) return { is: 'keep', due_ms };
    const episode = Math.floor(Date.parse(said.since) / 1000);
    return { is: 'begin', episode, since: said.since, text: leftOutText(monitor, said, wall_ms), due_ms };
  }
}
