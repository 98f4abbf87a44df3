import type { Device, Id } from '@guaita/model';
import type { IntentChange, Intents } from './intents.ts';

/** All devices that are known, as they are now. */
export interface KnownDevices extends Iterable<readonly [Id, Device]> {
  get(device: Id): Device | undefined;
  has(device: Id): boolean;
  /** Where the entry comes from, by name: "command", or monitors with their files. */
  feeders(device: Id): readonly Id[];
}

/** The devices to watch: of each, the newest entry among those that feed it. */
export class Inventory implements KnownDevices {
  readonly #intents: Intents;

  constructor(intents: Intents) {
    this.#intents = intents;
  }

  /** The device that a change of the intents concerns. */
  follow({ before, after }: IntentChange): Id | undefined {
    const either = after ?? before;
    return either?.kind === 'device' ? either.subject : undefined;
  }

  get(device: Id): Device | undefined {
    return this.#intents.entry(device);
  }

  has(device: Id): boolean {
    return this.#intents.entry(device) !== undefined;
  }

  feeders(device: Id): readonly Id[] {
    return this.#intents.feeders(device);
  }

  [Symbol.iterator](): IterableIterator<readonly [Id, Device]> {
    return this.#intents.entries();
  }
}
