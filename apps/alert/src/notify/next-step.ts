import type { Alert } from '@guaita/model';
import type { Now } from '../now.ts';
import type { Step } from './notification.ts';
import { takes, type Receiver } from './receiver.ts';
import type { ToldHere } from './told.ts';

/**
 * Brokers do not see an alert end at the same moment. One that is open for so long after its end was told has begun
 * again.
 */
const BEGINS_AGAIN_ms = 60_000;

/** What is known here of an alert; times by this host's monotonic clock. */
export interface Standing {
  readonly alert: Alert;
  readonly isOpen: boolean;
  /** Since when it is open. */
  readonly opened_ms: number;
  /** Since when that is known here. */
  readonly heard_ms: number;
  /** Nobody wants to hear of it. */
  readonly isSilenced: boolean;
  /** Somebody looks after it. */
  readonly isAcknowledged: boolean;
  /** When either of these last ended. */
  readonly freed_ms: number;
  /** When its end may be told, once it is no longer open. */
  readonly closed_ms: number;
}

/** What a receiver is to be told next of an alert, and from when on; or when to look again. */
export type Next = { readonly step: Step; readonly due_ms: number } | { readonly lookAgain_ms: number };

/** What a receiver is to be told next of an alert; `undefined`: nothing, until something changes. */
export function nextStep(
  receiver: Receiver,
  standing: Standing,
  told: ToldHere | undefined,
  { monotonic_ms, wall_ms }: Now,
): Next | undefined {
  const next = whatever(receiver, standing, told);
  if (next === undefined || next.due_ms > monotonic_ms) return next;
  const openFor_ms = receiver.times.openFor_ms(wall_ms);
  if (openFor_ms === undefined) return { lookAgain_ms: monotonic_ms + receiver.times.changesIn_ms(wall_ms) };
  // Those who come next in rank wait from the moment at which the first one may speak.
  return { step: next.step, due_ms: Math.max(next.due_ms, monotonic_ms - openFor_ms) };
}

/** The same at whatever time of day. */
function whatever(
  receiver: Receiver,
  standing: Standing,
  told: ToldHere | undefined,
): { readonly step: Step; readonly due_ms: number } | undefined {
  const { alert, isOpen, opened_ms, closed_ms } = standing;
  if (told !== undefined && !told.ended) {
    if (isOpen) return reminder(receiver, standing, told);
    return { step: { event: 'end', round: told.round, reminder: 0 }, due_ms: closed_ms };
  }
  if (!isOpen || !takes(receiver, alert)) return undefined;
  if (told === undefined) return begin(receiver, standing, 1);
  return opened_ms > told.at_ms + BEGINS_AGAIN_ms ? begin(receiver, standing, told.round + 1) : undefined;
}

function begin({ after_ms }: Receiver, standing: Standing, round: number) {
  const { isSilenced, isAcknowledged, heard_ms, opened_ms, freed_ms } = standing;
  if (isSilenced || (after_ms > 0 && isAcknowledged)) return undefined;
  const due_ms = Math.max(heard_ms, opened_ms + after_ms, freed_ms);
  return { step: { event: 'begin', round, reminder: 0 } as const, due_ms };
}

function reminder({ remind_ms }: Receiver, { isSilenced, isAcknowledged, freed_ms }: Standing, told: ToldHere) {
  if (remind_ms === undefined || isSilenced || isAcknowledged) return undefined;
  const step = { event: 'reminder', round: told.round, reminder: told.reminders + 1 } as const;
  return { step, due_ms: Math.max(told.at_ms + remind_ms, freed_ms) };
}
