import type { DecideView } from '@guaita/assignment';
import type { LinkMessage } from '@guaita/cluster';
import type { Id, Intent } from '@guaita/model';
import type { Host } from '../world/host.ts';
import type { Sabotage } from '../world/sabotage.ts';

/** Releases what it leaves, before those who take over hold it and know. */
export function releasesEarly(view: DecideView): DecideView {
  return { ...view, holds: () => true, seen: () => Infinity };
}

/** Takes another's leaving claim for a held one. */
export const countsLeaving: Sabotage = {
  hear(_host, _link, message) {
    if (message.kind !== 'bucket') return undefined;
    const claims = Object.entries(message.content.claims).map(
      ([device, claim]) => [device, { ...claim, state: 'held' as const }] as const,
    );
    return [{ ...message, content: { ...message.content, claims: Object.fromEntries(claims) } }];
  },
};

/** Takes an answer without its sentinel for the truth. */
export const believesEmptyAnswers: Sabotage = { believesEmptyAnswers: true };

/** Takes any will for one of the session that it knows. */
export function obeysOldWills(): Sabotage {
  const newest = new Map<string, { incarnation: number; session: number }>();
  return {
    hear(host: Host, link: Id, message: LinkMessage) {
      const key = `${host.id} ${message.monitor} ${link}`;
      if (message.kind === 'header') newest.set(key, message.header);
      const known = newest.get(key);
      if (message.kind !== 'offline' || known === undefined) return undefined;
      return [{ ...message, incarnation: known.incarnation, session: known.session }];
    },
  };
}

/** A tombstone that is this much older than the newest stamp is collected: a minute, where it should be a month. */
const FORGETS_ms = 60_000;

/** What is left of some intents when tombstones are collected too early. */
export function withoutOldTombstones(intents: Iterable<Intent>): Intent[] {
  const all = [...intents];
  const newest_ms = Math.max(...all.map(({ stamp }) => stamp.at_ms));
  return all.filter(({ kind, wanted, stamp }) => kind !== 'device' || wanted || stamp.at_ms > newest_ms - FORGETS_ms);
}
