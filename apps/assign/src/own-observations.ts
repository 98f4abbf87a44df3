import type { Claim, Id, PingObservation } from '@guaita/model';

/** What a monitor sees of a device, as its claim says it. */
export type Sees = Claim['sees'];

/** After so many probes in a row that told nothing the last that did is as old as brokers keep one: three intervals. */
const STALE_AFTER = 3;

/**
 * What the own ping service saw last of each device. Kept, since it may be known before the claim is: after a restart of
 * this service alone, the ping service has nothing new to say for up to an interval. What it no longer watches it clears.
 */
export class OwnObservations {
  readonly #last = new Map<Id, Sees>();
  /** How many probes in a row told nothing, of those devices alone. */
  readonly #untold = new Map<Id, number>();

  /**
   * Gives what is seen now when that is news. Where nothing can be told of a device (`unknown`) for long, nobody may go on
   * to say that it answers; one that was seen down stays so until it answers.
   */
  hear(device: Id, observation: Pick<PingObservation, 'state'> | undefined): Sees | undefined {
    if (observation?.state === 'unknown') return this.#hearNothing(device);
    this.#untold.delete(device);
    if (observation !== undefined) return this.#see(device, observation.state === 'up' ? 'answering' : 'down');
    this.#last.delete(device);
    return undefined;
  }

  /** What was seen last of a device, if anything was. */
  get(device: Id): Sees | undefined {
    return this.#last.get(device);
  }

  #hearNothing(device: Id): Sees | undefined {
    const untold = (this.#untold.get(device) ?? 0) + 1;
    this.#untold.set(device, untold);
    return untold >= STALE_AFTER && this.#last.get(device) === 'answering' ? this.#see(device, 'unprobed') : undefined;
  }

  #see(device: Id, sees: Sees): Sees | undefined {
    if (this.#last.get(device) === sees) return undefined;
    this.#last.set(device, sees);
    return sees;
  }
}
