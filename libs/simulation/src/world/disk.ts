import type { Intent } from '@guaita/model';
import { whole, type Random } from '../engine/random.ts';

/** What a host keeps when its program ends. */
export interface Disk {
  incarnation: number;
  readonly hostKey: string;
  /** No other monitor was ever heard of. */
  alone: boolean;
  /** When the intents were last written, by the host's wall clock. */
  written_ms: number | undefined;
  readonly intents: Map<number, readonly Intent[]>;
}

/** An empty disk: a new host, or one that has lost what it had. */
export function newDisk(random: Random): Disk {
  const digits = Array.from({ length: 32 }, () => whole(random, 0, 15).toString(16));
  return { incarnation: 0, alone: true, written_ms: undefined, hostKey: digits.join(''), intents: new Map() };
}
