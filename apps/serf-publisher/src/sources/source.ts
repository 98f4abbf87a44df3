import type { ServiceRecord } from '../services/service-record.ts';

/** Told by a source. */
export interface SourceListener {
  /**
   * All services that the source has now, in place of those that it had before; none is a word, too.
   *
   * @param remarks in place of those before: what it has that is not told, or not as somebody meant it, each with the
   *   thing, the cause and the mend
   */
  has(services: readonly ServiceRecord[], remarks?: readonly string[]): void;
  /**
   * It cannot be asked at present, and goes on trying until it says what it has; what it had still counts. The message
   * names the thing, the cause and the mend, and no secret.
   */
  fails(error: Error): void;
}

/** Where services come from: Kubernetes, Docker Swarm, announcements, Guaita itself. */
export interface Source {
  /** Of logs and health; no two sources of a publisher have the same. */
  readonly name: string;
  /** Begins to tell, and does not wait for it; whatever fails is told, and tried again until `stop`. */
  start(listener: SourceListener): Promise<void>;
  /** Tells nothing more, and gives back all it holds. */
  stop(): Promise<void>;
}
