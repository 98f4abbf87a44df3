import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Id, PingObservation, Vote } from '@guaita/model';

/** What one live monitor that watches a device claims and sees. */
type DeviceClaim = NonNullable<DeviceSpec['claims']>[number];

/** What is known here of a monitor, as far as its votes depend on it. */
export type Voter = Pick<MonitorView, 'alive' | 'probing' | 'isolated'>;

/** Whether a change of what is known of a monitor changes nothing of its votes. */
export function isSameVoter(a: Voter | undefined, b: Voter | undefined): boolean {
  return a?.alive === b?.alive && a?.probing === b?.probing && a?.isolated === b?.isolated;
}

/**
 * The votes of all claimants of a device, leaving ones too: they still watch. A monitor that is no longer heard is no
 * claimant, whatever its claims still say: its silence is told before each of its devices is told of.
 */
export function votesOf(
  claims: readonly DeviceClaim[],
  monitors: ReadonlyMap<Id, Voter>,
  observations: ReadonlyMap<Id, PingObservation>,
): Vote[] {
  const votes: Vote[] = [];
  for (const claim of claims) {
    const voter = monitors.get(claim.monitor);
    if (voter?.alive === false) continue;
    const why_not = whyNot(claim, voter);
    votes.push({
      monitor: claim.monitor,
      sees: claim.sees,
      ...(claim.down_since === undefined ? {} : { down_since: claim.down_since }),
      counts: why_not === undefined,
      ...(why_not === undefined ? {} : { why_not }),
      ...figures(observations.get(claim.monitor)),
    });
  }
  return votes;
}

/** A monitor that cannot tell has no say, also when it is the only one: a false alarm costs more than none. */
function whyNot({ sees }: DeviceClaim, voter: Voter | undefined): string | undefined {
  if (voter === undefined) return 'is not known here yet';
  if (!voter.probing) return 'does not probe';
  if (voter.isolated) return 'is isolated';
  if (sees === 'unprobed') return 'has no fresh probe of it';
  return undefined;
}

function figures(observation: PingObservation | undefined): Pick<Vote, 'at' | 'loss_percent' | 'rtt_avg_ms'> {
  if (observation === undefined) return {};
  const { at, loss_percent, rtt_avg_ms } = observation;
  return { at, ...(loss_percent === null ? {} : { loss_percent }), ...(rtt_avg_ms === null ? {} : { rtt_avg_ms }) };
}

/** Whether two lists of votes say the same; figures change with every probe and do not count. */
export function isSameVotes(a: readonly Vote[], b: readonly Vote[]): boolean {
  return a.length === b.length && a.every((vote, at) => isSameVote(vote, b[at]));
}

function isSameVote(a: Vote, b: Vote | undefined): boolean {
  return a.monitor === b?.monitor && a.sees === b.sees && a.down_since === b.down_since && a.why_not === b.why_not;
}
