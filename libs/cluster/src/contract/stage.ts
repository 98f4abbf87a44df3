import type { Id } from '@guaita/model';
import { expect, vi } from 'vitest';
import type { Link } from '../link.ts';
import { Speaker } from './speaker.ts';

/** A link and what may happen to it. */
interface ContractLink {
  readonly link: Link;
  /** Breaks its connection; it stays broken until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** A queue on the way from one monitor to another that nothing leaves, until it is cleared. */
export interface Jam {
  /** It has had more than it can hold, by what it tells or after so many messages were said. */
  isOver(said: number): boolean;
  /** What waits in it goes on its way. */
  clear(): Promise<void>;
}

/** The world that links live in: empty when it is made. */
export interface LinkHarness {
  /** Makes the link of a monitor, in this incarnation. It is not started. */
  makeLink(monitor: Id, incarnation: number): Promise<ContractLink>;
  /** Puts in the place of a monitor's header, and of a bucket of its, what no link would write. */
  spoil(monitor: Id, bucket: number): Promise<void>;
  /** Jams a queue: one of those that the options name. */
  jam(queue: string, speaker: Id, listener: Id): Promise<Jam>;
  /**
   * Has a monitor say something, of which only its header arrives: claims and intents are lost on the way. It may leave
   * the monitor's link broken, as by `cut`.
   */
  lose(monitor: Id, say: () => void): Promise<void>;
  /** Takes note of all that stands of a monitor, and gives what lets just that arrive once more. */
  keep(monitor: Id): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** The harness of the test that runs, and the speakers whose links are made in it. */
export class Stage {
  #harness: LinkHarness | undefined;
  readonly #made = new Map<Speaker, ContractLink>();

  get harness(): LinkHarness {
    if (this.#harness === undefined) throw new Error('no test runs');
    return this.#harness;
  }

  open(harness: LinkHarness): void {
    this.#harness = harness;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.keys()].map(({ link }) => link.stop()));
    this.#made.clear();
    await this.#harness?.close();
  }

  /** Makes a monitor's link and starts it; resolves when it is connected. */
  readonly speaker = async (id: Id): Promise<Speaker> => {
    const made = await this.harness.makeLink(id, 1);
    const speaker = new Speaker(id, made.link);
    this.#made.set(speaker, made);
    await speaker.start();
    await this.eventually(() => expect(speaker.connections).toEqual([true]));
    return speaker;
  };

  /** Breaks the connection of a speaker's link; it stays broken until `mend`. */
  async cut(speaker: Speaker): Promise<void> {
    await this.#made.get(speaker)?.cut();
  }

  async mend(speaker: Speaker): Promise<void> {
    await this.#made.get(speaker)?.mend();
  }

  /** Tries again until it passes: for long, since brokers and machines may be slow. */
  readonly eventually = async (attempt: () => unknown): Promise<void> => {
    await vi.waitFor(attempt, { timeout: 120_000 });
  };

  /** The listener knows all that the other claims; that one beats and the listener asks while it does not. */
  readonly completes = async (listener: Speaker, other: Speaker): Promise<void> => {
    let attempts = 0;
    await this.eventually(() => {
      attempts += 1;
      if (attempts % 10 === 0) other.sayHeader();
      if (attempts % 10 === 5) listener.ask(other.id);
      const record = listener.peers.get(other.id);
      expect(record?.complete).toBe(true);
      expect(record?.header?.claims).toEqual(other.claims.summary);
    });
  };
}
