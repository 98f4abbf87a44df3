import type { Sent, Unsent } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Notification } from './notification.ts';

/** How a request ended. */
export type Outcome =
  | { readonly is: 'arrived' }
  /** It may arrive another time. @param after_ms not before, as the receiver asks. */
  | { readonly is: 'failed'; readonly why: string; readonly after_ms?: number }
  /** It never will. */
  | { readonly is: 'refused'; readonly why: string };

export type NotifyEffect =
  | { readonly kind: 'send'; readonly receiver: Id; readonly notification: Notification }
  /** Somebody else has told it. */
  | { readonly kind: 'abort'; readonly receiver: Id; readonly alert: string }
  | { readonly kind: 'sent'; readonly alert: string; readonly sent: Sent }
  /** What was given up; `undefined`: nothing any more. @param newest what of that is new. */
  | {
      readonly kind: 'unsent';
      readonly alert: string;
      readonly unsent: Unsent | undefined;
      readonly newest?: { readonly receiver: Id; readonly why: string };
    };
