import type { Effect } from '@guaita/cluster';
import type { Claim, Id, Intent } from '@guaita/model';
import type { Host } from '../world/host.ts';

/** What an intent is about: of two with one key the newer counts. Written anew here, to check the other. */
export function keyOf(intent: Intent): string {
  return `${intent.kind} ${intent.subject} ${intent.kind === 'device' ? intent.feeder : ''}`;
}

/** Above 0 when the first stamp is newer. */
export function compare(one: Intent, other: Intent): number {
  const [a, b] = [one.stamp, other.stamp];
  return a.at_ms - b.at_ms || a.counter - b.counter || (a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : 0);
}

/** What each host has said that it claims, and has on its disk. */
export class Ledger {
  readonly #claims = new Map<Host, Map<Id, Claim>>();
  readonly #buckets = new Map<Host, Map<number, readonly Id[]>>();

  /** Takes note of what a host says. */
  effect(host: Host, effect: Effect): void {
    if (effect.kind !== 'say' || effect.message.kind !== 'bucket') return;
    const { bucket, content } = effect.message;
    const claims = this.claims(host);
    const buckets = this.#buckets.get(host) ?? new Map<number, readonly Id[]>();
    this.#buckets.set(host, buckets);
    for (const device of buckets.get(bucket) ?? []) claims.delete(device);
    buckets.set(bucket, Object.keys(content.claims));
    for (const [device, claim] of Object.entries(content.claims)) claims.set(device, claim);
  }

  /** A host's program has ended: what it claimed is void. */
  ended(host: Host): void {
    this.#claims.delete(host);
    this.#buckets.delete(host);
  }

  /** What a host claims, by its own word. */
  claims(host: Host): Map<Id, Claim> {
    const claims = this.#claims.get(host) ?? new Map<Id, Claim>();
    this.#claims.set(host, claims);
    return claims;
  }
}

/** All that operators intend, by the disks of some hosts: of each key the newest. */
export function joined(hosts: Iterable<Host>): Map<string, Intent> {
  const newest = new Map<string, Intent>();
  for (const host of hosts) {
    for (const intents of host.disk.intents.values()) {
      for (const intent of intents) {
        const key = keyOf(intent);
        const known = newest.get(key);
        if (known === undefined || compare(intent, known) > 0) newest.set(key, intent);
      }
    }
  }
  // What a forgotten monitor had left is purged, wherever it stands.
  for (const forget of [...newest.values()].filter(({ kind }) => kind === 'forget')) {
    for (const [key, intent] of newest) {
      const about = intent.kind === 'device' ? intent.feeder : intent.kind === 'drain' ? intent.subject : undefined;
      if (about === forget.subject && compare(intent, forget) < 0) newest.delete(key);
    }
  }
  return newest;
}
