import type { Verdict } from '@guaita/model';
import { disputedText, downText, endText, flappingText } from './texts.ts';
import { KEEP, type Wish } from './wish.ts';

/** What is known of a device when its alerts are looked at. */
export interface DeviceFacts {
  readonly name: string;
  readonly verdict: Verdict;
  /** A down alert is open. */
  readonly isDown: boolean;
  /** When a dispute is old enough to be told, by the monotonic clock. */
  readonly disputedDue_ms: number;
}

/**
 * All who can tell see it answer, though it is not called up yet. Whoever takes over in that time is not to begin again
 * what may have been told as over: no two speakers wait at exactly the same time, nor is what they say of a device kept
 * in the same moment as its alert.
 */
function isComingBack({ seen_by }: Verdict): boolean {
  const voters = seen_by.filter(({ counts }) => counts);
  return voters.length > 0 && voters.every(({ sees }) => sees === 'answering');
}

/**
 * An outage lasts until the device is up again: while monitors disagree, or nobody can tell, or its parents are down,
 * it is neither told nor over.
 */
export function downWish({ name, verdict }: DeviceFacts, wall_ms: number): Wish {
  if (verdict.flapping === true) return KEEP;
  const { state, episode, since } = verdict;
  if (state === 'up') return { is: 'end', text: endText(name, 'down', state) };
  if (state !== 'down' || isComingBack(verdict)) return KEEP;
  return { is: 'begin', episode, since, text: downText(name, verdict, wall_ms) };
}

/** A dispute is told when it is old, unless an outage that is told turned into it. */
export function disputedWish(facts: DeviceFacts, monotonic_ms: number, wall_ms: number): Wish {
  const { name, verdict, isDown, disputedDue_ms } = facts;
  const { state, episode, since } = verdict;
  if (verdict.flapping === true) return KEEP;
  if (state === 'up' || state === 'down') return { is: 'end', text: endText(name, 'disputed', state) };
  if (state !== 'disputed' || isDown || isComingBack(verdict)) return KEEP;
  if (monotonic_ms < disputedDue_ms) return { is: 'keep', due_ms: disputedDue_ms };
  return { is: 'begin', episode, since, text: disputedText(name, verdict, wall_ms) };
}

/**
 * Nothing counts how often a device began to flap for all monitors alike, since each has seen another part of it: each
 * time is one event that begins again.
 */
export function flappingWish({ name, verdict }: DeviceFacts, wall_ms: number): Wish {
  const { state, since } = verdict;
  if (verdict.flapping !== true) return { is: 'end', text: endText(name, 'flapping', state) };
  return state === 'up' || state === 'down' || state === 'disputed'
    ? { is: 'begin', episode: 0, since, text: flappingText(name, since, wall_ms) }
    : KEEP;
}
