import type { Alert } from '@guaita/model';

/** What is to be done about an alert, in this order: what was said before a crash and is not kept is said once more. */
export type AlertEffect =
  /** Say that it begins, or that it is over. */
  | { readonly kind: 'say'; readonly alert: Alert }
  /** Keep it for whoever comes later; `undefined`: it is over. */
  | { readonly kind: 'open'; readonly id: string; readonly alert: Alert | undefined };
