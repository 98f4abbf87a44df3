import type { Day } from '../day.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';

/** A file of rows received on one day, that waits for the day to be sealed. */
export interface Part {
  readonly kind: Kind<KindName>;
  readonly day: Day;
  readonly name: string;
  readonly path: string;
  /** The segments whose place it takes, by name. */
  readonly replaces: readonly string[];
}
