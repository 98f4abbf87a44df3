import type { Id, InMaintenance, VerdictState, Vote } from '@guaita/model';
import { listed } from '../listed.ts';

/** What the reason of a verdict is made of. */
export interface Grounds {
  readonly state: VerdictState;
  /** What is to be said when it lasts; as `state` when there is nothing to wait for. */
  readonly coming: VerdictState;
  readonly votes: readonly Vote[];
  /** The parents that are in the inventory, and what is said of them. */
  readonly parents: readonly { readonly device: Id; readonly state: VerdictState }[];
  readonly flapping: boolean;
  readonly maintenance: InMaintenance | undefined;
}

/** Why a device is said to be what it is: one plain sentence, with who says otherwise. */
export function reasonFor(grounds: Grounds): string {
  const { flapping, maintenance } = grounds;
  return [
    `${because(grounds)}${waits(grounds)}`,
    ...(flapping ? ['it keeps going down and coming back'] : []),
    ...(maintenance === undefined ? [] : [`in maintenance until ${maintenance.until}: ${maintenance.why}`]),
  ].join('; ');
}

function because({ coming, votes, parents }: Grounds): string {
  const voters = votes.filter(({ counts }) => counts);
  if (voters.length === 0) return nobodyCanTell(votes);
  if (coming === 'unreachable') return explained(parents);
  const down = named(voters.filter(({ sees }) => sees === 'down'));
  const answering = named(voters.filter(({ sees }) => sees !== 'down'));
  return [
    ...(down === '' ? [] : [`down for ${down}`]),
    ...(answering === '' ? [] : [`answering for ${answering}`]),
  ].join(', ');
}

function waits({ state, coming, parents }: Grounds): string {
  if (state === coming) return '';
  if (coming === 'down' && state === 'unreachable')
    return '; a parent of it stands again, and it is looked at again first';
  if (coming === 'down' && parents.length > 0) return '; its parents are looked at first';
  return `, not for long enough yet to be called ${coming}`;
}

/** A parent of which something else is said still, and that its voters call down, is called so. */
const EXPLAINS: Partial<Record<VerdictState, string>> = {
  unreachable: 'unreachable',
  maintenance: 'in maintenance',
};

function explained(parents: Grounds['parents']): string {
  const states = new Set(parents.map(({ state }) => EXPLAINS[state] ?? 'down'));
  return `${theParents(parents)} ${[...states].sort().join(' or ')}`;
}

/** "its parent r is" or "its parents r and s are". */
function theParents(parents: Grounds['parents']): string {
  const names = listed(parents.map(({ device }) => device));
  return parents.length === 1 ? `its parent ${names} is` : `its parents ${names} are`;
}

function nobodyCanTell(votes: readonly Vote[]): string {
  const reasons = new Map<string, Id[]>();
  for (const { monitor, why_not = '' } of votes) reasons.set(why_not, [...(reasons.get(why_not) ?? []), monitor]);
  const [first, ...others] = reasons;
  if (first === undefined) return 'no live monitor watches it';
  if (others.length > 0)
    return `no monitor that watches it can tell: ${[...reasons].map(([why, who]) => `${listed(who)} ${plural(why, who)}`).join(', ')}`;
  const [why, who] = first;
  switch (why) {
    case 'is isolated':
      return `all monitors that watch it are isolated: ${listed(who)}`;
    case 'does not probe':
      return `no monitor that watches it probes: ${listed(who)}`;
    default:
      return `${listed(who)} ${plural(why, who)}`;
  }
}

function plural(why: string, who: readonly Id[]): string {
  if (who.length === 1) return why;
  return why
    .replace(/^is /, 'are ')
    .replace(/^has /, 'have ')
    .replace(/^does /, 'do ');
}

function named(votes: readonly Vote[]): string {
  return listed(votes.map(({ monitor }) => monitor));
}
