import type { TroubleKind } from '@guaita/model';
import type { ByTag } from '../by-tag.ts';
import type { Threshold } from './trigger.ts';

/** By which rules one device is measured; `undefined`: that is not told. */
export type Rules = {
  readonly [Kind in TroubleKind]?: (Threshold & (Kind extends keyof Details ? Details[Kind] : unknown)) | undefined;
};

interface Details {
  readonly loss: { readonly over_s: number };
  readonly latency: { readonly over_s: number; readonly least_ms: number };
}

export type RulesFor = ByTag<Rules>;
