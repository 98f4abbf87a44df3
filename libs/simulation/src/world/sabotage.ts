import type { LinkMessage } from '@guaita/cluster';
import type { Id, Intent } from '@guaita/model';
import type { Host } from './host.ts';

/**
 * Planted bugs, put in from outside: what a member with that bug would take a message for. Nothing of it is used but in
 * the tests that prove that the simulator finds such bugs.
 */
export interface Sabotage {
  /** What the member hears in the place of a message. */
  readonly hear?: (host: Host, link: Id, message: LinkMessage, stored: boolean) => readonly LinkMessage[] | undefined;
  /** What goes to disk in the place of these. */
  readonly store?: (host: Host, intents: readonly Intent[]) => readonly Intent[] | undefined;
  /** A database link that believes an answer without its sentinel. */
  readonly believesEmptyAnswers?: boolean;
}
