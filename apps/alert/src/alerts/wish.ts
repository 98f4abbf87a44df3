import type { Timestamp } from '@guaita/model';

/**
 * What is to become of the alerts of one kind on one subject.
 *
 * `begin`: one is to be open, of this episode or a later one. `keep`: what is open stays so, and nothing begins. Both hold
 * until `due_ms` at least, or else until something is heard. `end`: none is to be open.
 */
export type Wish =
  | {
      readonly is: 'begin';
      readonly episode: number;
      readonly since: Timestamp;
      readonly text: string;
      readonly due_ms?: number;
    }
  | { readonly is: 'keep'; readonly due_ms?: number }
  | { readonly is: 'end'; readonly text: string };

export const KEEP: Wish = { is: 'keep' };
