import type { TroubleKind } from '@guaita/model';
import type { Threshold } from './trigger.ts';

/** What one observation says of one thing that may be amiss. */
export interface Reading {
  readonly kind: TroubleKind;
  /** The interface, where it is one's. */
  readonly part?: string;
  /** What is held against the threshold. */
  readonly level: number;
  readonly threshold: Threshold;
  /** What people are told, where that says more. */
  readonly value?: number;
  readonly usual?: number;
}
