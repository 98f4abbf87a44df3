import type { ProbeState } from '@guaita/model';

/** When a device that does not answer is believed to be down. */
export interface ConfirmationPolicy {
  /** Seconds from the end of a probe that was not answered; the next begins with the second that follows. */
  readonly confirm_after_s: number;
  /** How many further probes must go unanswered before it is down. */
  readonly confirmations: number;
}

/**
 * One more probe, with the next second: a probe of three requests takes 1.5 s with the second that the last is waited
 * for, so that the six requests of both span 2.5 s, and the outage is known after 3.5 s. Long enough for what is no
 * outage (a Wi-Fi roam, an ARP entry that has to be asked for, a spanning tree that moves a port within 1–2 s). A second
 * later, or once more, and an alert would come at the end of the interval and five seconds that it may take, or after.
 */
export const DEFAULT_CONFIRMATION: ConfirmationPolicy = { confirm_after_s: 0.25, confirmations: 1 };

/** How one probe of a device ended. */
export type Outcome =
  /** One of its addresses answered. */
  | { readonly kind: 'answered'; readonly address: string }
  /** Requests were sent, none was answered. */
  | { readonly kind: 'silent' }
  /** Nothing can be said: no request went out, or no answer could have come in. */
  | { readonly kind: 'untold' };

/** What is held of one device. */
export interface Standing {
  readonly state: ProbeState;
  /** Probes gone unanswered in a row. */
  readonly silent: number;
  /** Probes of which nothing could be told since the last one that told something. */
  readonly untold: number;
  /** The address that answered last. */
  readonly answered: string | undefined;
}

/** A device of which nothing is known yet. */
export const UNPROBED: Standing = { state: 'unknown', silent: 0, untold: 0, answered: undefined };

export interface Judgement {
  readonly standing: Standing;
  /** What the observation of this probe says. */
  readonly state: ProbeState;
  /** Seconds until the device has to be asked again to know for sure. */
  readonly askAgain_s: number | undefined;
}

/**
 * Judges one probe. Only probes that were sent and went unanswered, `1 + confirmations` of them in a row, make a
 * device down; one answer makes it up. A probe of which nothing can be told is said to be `unknown` and
 * leaves the state that is held as it is.
 */
export function judge(standing: Standing, outcome: Outcome, policy: ConfirmationPolicy): Judgement {
  switch (outcome.kind) {
    case 'answered':
      return {
        standing: { state: 'up', silent: 0, untold: 0, answered: outcome.address },
        state: 'up',
        askAgain_s: undefined,
      };
    case 'untold': {
      const untold = standing.untold + 1;
      // A confirmation that failed is tried again, but not for ever: what keeps it from working may last.
      const again = standing.silent > 0 && standing.state !== 'down' && untold <= policy.confirmations;
      return {
        standing: { ...standing, untold },
        state: 'unknown',
        askAgain_s: again ? policy.confirm_after_s : undefined,
      };
    }
    case 'silent': {
      const silent = standing.silent + 1;
      const state = silent > policy.confirmations ? 'down' : standing.state;
      return {
        standing: { state, silent, untold: 0, answered: standing.answered },
        state,
        askAgain_s: state === 'down' ? undefined : policy.confirm_after_s,
      };
    }
  }
}

/**
 * The addresses to probe next: the one that answered last while it does, all of them as soon as that is in doubt.
 *
 * @param addresses all addresses of the device, in the order of its inventory entry.
 */
export function addressesToProbe(standing: Standing, addresses: readonly string[]): readonly string[] {
  const { state, silent, answered } = standing;
  if (state === 'up' && silent === 0 && answered !== undefined && addresses.includes(answered)) return [answered];
  return addresses;
}
