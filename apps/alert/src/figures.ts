import type { Wire } from '@guaita/bus';
import { channels, type DeviceSpec } from '@guaita/messages';
import type { Id, PingObservation } from '@guaita/model';
import type { Logger } from 'pino';

/** Where more than these are down at once, nobody reads the loss that each monitor saw of each. */
const LIMIT = 200;

export interface FiguresOptions {
  readonly wire: Wire;
  readonly log: Logger;
  /** Given what a monitor saw in its newest probe; `undefined` when it watches the device no longer. */
  readonly observed: (monitor: Id, device: Id, observation: PingObservation | undefined) => void;
}

interface Hearing {
  readonly monitors: Set<Id>;
  /** What ends it, once it is granted. */
  readonly granted: Promise<() => Promise<void>>;
}

/**
 * Hears what monitors measure, of those devices only that somebody sees down, and of their parents, which may explain
 * it: of the others nobody asks, and to hear 35,000 devices' observations costs more than to judge them.
 */
export class Figures {
  readonly #options: FiguresOptions;
  readonly #hearings = new Map<Id, Hearing>();
  /** Devices that a claim says are down, with their parents. */
  readonly #down = new Map<Id, readonly Id[]>();

  constructor(options: FiguresOptions) {
    this.#options = options;
  }

  /** What is claimed of a device is known, or, `undefined`, it is gone. */
  spec(device: Id, spec: DeviceSpec | undefined): void {
    if (spec?.claims?.some(({ sees }) => sees === 'down') !== true) {
      this.#down.delete(device);
      return;
    }
    this.#down.set(device, spec.parents);
    for (const each of [...spec.parents, device]) {
      if (!this.#hearings.has(each) && this.#hearings.size < LIMIT) this.#begin(each);
    }
  }

  /** Ends what is of no use any more: of devices that nobody sees down and that are not said to be amiss. */
  sweep(isAmiss: (device: Id) => boolean): void {
    if (this.#hearings.size === 0) return;
    const wanted = new Set([...this.#down].flatMap(([device, parents]) => [device, ...parents]));
    for (const device of this.#hearings.keys()) if (!wanted.has(device) && !isAmiss(device)) void this.#end(device);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#hearings.keys()].map((device) => this.#end(device)));
  }

  #begin(device: Id): void {
    const { wire, log, observed } = this.#options;
    const monitors = new Set<Id>();
    const granted = wire.hear(channels.ping, { device }, ({ parameters: { monitor }, value }) => {
      monitors.add(monitor);
      observed(monitor, device, value);
    });
    this.#hearings.set(device, { monitors, granted });
    // Verdicts are made without figures, too.
    granted.catch((error: unknown) => log.warn({ err: error }, `cannot hear what is measured of ${device}`));
  }

  async #end(device: Id): Promise<void> {
    const hearing = this.#hearings.get(device);
    this.#hearings.delete(device);
    const end = await hearing?.granted.catch(() => undefined);
    await end?.();
    // What is old is worse than nothing.
    for (const monitor of hearing?.monitors ?? []) this.#options.observed(monitor, device, undefined);
  }
}
