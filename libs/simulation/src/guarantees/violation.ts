import type { Id } from '@guaita/model';

/** The guarantees, by their numbers in the design. */
export const GUARANTEES = {
  1: 'in a quiet connected part every device has min(k, alive) held claims, and none leaving',
  2: 'only a crash takes a watched device down to zero claims, and not for long',
  3: 'a join or a leave moves its fair share',
  4: 'no monitor exceeds its capacity but by a tenth in a handover',
  5: 'all converge to one view; nothing entered is lost, nothing deleted comes back',
} as const;

export type Guarantee = keyof typeof GUARANTEES;

/** A guarantee did not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly guarantee: Guarantee;
  readonly device: Id | undefined;
  readonly at_ms: number;

  constructor(guarantee: Guarantee, at_ms: number, what: string, device?: Id) {
    super(`guarantee ${guarantee} (${GUARANTEES[guarantee]}) is broken after ${(at_ms / 1000).toFixed(3)} s: ${what}`);
    this.guarantee = guarantee;
    this.device = device;
    this.at_ms = at_ms;
  }
}
