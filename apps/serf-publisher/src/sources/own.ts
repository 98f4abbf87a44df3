import type { ServiceRecord } from '../services/service-record.ts';
import type { Source, SourceListener } from './source.ts';

/** What Guaita itself offers on this host, as its configuration tells it. */
export class OwnSource implements Source {
  readonly name = 'own';
  readonly #services: readonly ServiceRecord[];

  constructor(services: readonly ServiceRecord[]) {
    this.#services = services;
  }

  async start(listener: SourceListener): Promise<void> {
    listener.has(this.#services);
  }

  async stop(): Promise<void> {
    // Nothing is held.
  }
}
