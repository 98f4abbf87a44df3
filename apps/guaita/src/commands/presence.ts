import type { Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';

/** The instances of a service that are on the broker, as they are heard. */
export class PresentInstances {
  readonly #present = new Set<string>();

  /** Nobody keeps what the service keeps: it may be old. */
  get none(): boolean {
    return this.#present.size === 0;
  }

  /** @param heard called back for what was kept. Gives what ends it. */
  hear(wire: Wire, service: Id, heard: () => void): Promise<() => Promise<void>> {
    return wire.hear(channels.presence, { service }, ({ parameters: { monitor, instance }, value, message }) => {
      if (value === undefined) this.#present.delete(`${monitor}/${instance}`);
      else this.#present.add(`${monitor}/${instance}`);
      // What is said anew is no part of what is kept.
      if (message.retain) heard();
    });
  }
}
