import type { Id, PingObservation } from '@guaita/model';

/** What a monitor sees of a device, as its claim says it. */
export type Sees = 'answering' | 'down';

/**
 * What the own ping service saw last of each device. Kept, since it may be known before the claim is: after a restart of
 * this service alone, the ping service has nothing new to say for up to an interval. What it no longer watches it clears.
 */
export class OwnObservations {
  readonly #last = new Map<Id, Sees>();

  /** Gives what is seen now when that is news. One that says nothing of the device (`unknown`) changes nothing. */
  hear(device: Id, observation: Pick<PingObservation, 'state'> | undefined): Sees | undefined {
    if (observation === undefined) this.#last.delete(device);
    if (observation === undefined || observation.state === 'unknown') return undefined;
    const sees = observation.state === 'up' ? 'answering' : 'down';
    if (this.#last.get(device) === sees) return undefined;
    this.#last.set(device, sees);
    return sees;
  }

  /** What was seen last of a device, if it was up or down. */
  get(device: Id): Sees | undefined {
    return this.#last.get(device);
  }
}
