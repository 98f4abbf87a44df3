import type { PublishedService } from '../services/published-service.ts';

/** A service that a sink does not tell of, though it should. */
export interface LeftOut {
  readonly service: PublishedService;
  /** For people: the cause, and the mend where there is one. */
  readonly why: string;
}

/** Where services are told: the tag of this host's Serf agent, avahi-ps, MQTT. */
export interface Sink {
  /** Of logs, health and alerts. */
  readonly name: string;
  /**
   * Tells of all services there are, in place of those that it told of before, also in a former run. The same ones again
   * change nothing, and mend what was lost meanwhile. Calls are done one after the other.
   *
   * @param complete whether every source has spoken since the start: until then nothing is withdrawn.
   * @returns what it does not tell of.
   * @throws {SinkError} when it cannot tell at present; it is to be tried again.
   */
  publish(services: readonly PublishedService[], complete: boolean): Promise<readonly LeftOut[]>;
}

/** A sink could not tell; the message names it, the cause, and the mend. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
}
