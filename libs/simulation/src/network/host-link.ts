import type { LinkMessage } from '@guaita/cluster';
import type { Id } from '@guaita/model';

/** What a link tells the host that it is of. */
export interface LinkEnd {
  heard(link: Id, message: LinkMessage, stored: boolean): void;
  connected(link: Id, connected: boolean, session?: number): void;
  /** The incarnation that the monitor now speaks in. */
  readonly incarnation: number;
}

/** A model of a link: what an adapter does, without the adapter. */
export interface HostLink {
  readonly name: Id;
  start(): void;
  say(message: LinkMessage): void;
  /** Ends with a goodbye. */
  leave(): void;
  /** Ends as a program does that is killed; silently, when its host goes with it. */
  die(silently: boolean): void;
}
