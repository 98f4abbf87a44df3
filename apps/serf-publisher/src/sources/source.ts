import type { ServiceRecord } from '../services/service-record.ts';

/** Told by a source. */
export interface SourceListener {
  /** All services that the source has now, in place of those that it had before. */
  has(services: readonly ServiceRecord[]): void;
  /** It cannot be asked at present, and goes on trying; what it had still counts. */
  fails(error: Error): void;
}

/** Where services come from: Kubernetes, Docker Swarm, announcements, Guaita itself. */
export interface Source {
  /** Of logs and health. */
  readonly name: string;
  /** Begins to tell; whatever fails is told, and tried again until `stop`. */
  start(listener: SourceListener): Promise<void>;
  /** Tells nothing more, and gives back all it holds. */
  stop(): Promise<void>;
}
