import type { MonitorStatus } from '@guaita/messages';
import type { ClaimBucket, Id } from '@guaita/model';
import { ClaimsSeen, type Change } from './claims-seen.ts';

/** A finished probe. */
export interface Probe {
  /** When it ended, by the wall clock. */
  readonly at_ms: number;
  /** When the observer heard of it, by its monotonic clock. */
  readonly heard_ms: number;
}

/** What an outsider knows of one monitor by its own broker. */
export class MonitorSeen {
  readonly #claims = new ClaimsSeen();
  readonly #since_ms = new Map<Id, number>();
  readonly #probes = new Map<Id, Probe>();
  #online = false;
  #session = 0;
  #probing = false;
  #capacity = 0;
  /** Up to this incarnation it is known to have ended. */
  #endedUpTo = 0;

  /** It runs and says so, and has not been ended since. */
  get live(): boolean {
    return this.#online && this.#claims.incarnation > this.#endedUpTo;
  }

  /** It lives and says that its probes come in. */
  get probing(): boolean {
    return this.live && this.#probing;
  }

  /** It lives and takes its share: one that has just begun listens first, and names no capacity. */
  get sharing(): boolean {
    return this.live && this.#capacity > 0;
  }

  /** It is being ended now: what it last said is true no longer. */
  end(): void {
    this.#endedUpTo = this.#claims.incarnation;
    this.#probes.clear();
  }

  hearStatus(status: MonitorStatus, heard_ms: number): Change[] {
    const { incarnation, session, state } = status;
    if (incarnation < this.#claims.incarnation) return [];
    // The will of a connection that broke may come when the next one is there already.
    if (incarnation === this.#claims.incarnation && session < this.#session) return [];
    this.#session = session;
    this.#online = state === 'online';
    this.#probing = state === 'online' && status.probing;
    this.#capacity = state === 'online' ? status.capacity : 0;
    return this.#note(this.#claims.run(incarnation), heard_ms);
  }

  hearBucket(number: number, content: ClaimBucket, heard_ms: number): Change[] {
    return this.#note(this.#claims.hear(number, content), heard_ms);
  }

  hearProbe(device: Id, at_ms: number, heard_ms: number): void {
    this.#probes.set(device, { at_ms, heard_ms });
  }

  get claims(): ClaimsSeen {
    return this.#claims;
  }

  /** Since when it claims a device in its present state, by the observer's monotonic clock. */
  since_ms(device: Id): number | undefined {
    return this.#claims.states.has(device) ? this.#since_ms.get(device) : undefined;
  }

  probe(device: Id): Probe | undefined {
    return this.#probes.get(device);
  }

  #note(changes: Change[], heard_ms: number): Change[] {
    for (const { device } of changes) this.#since_ms.set(device, heard_ms);
    return changes;
  }
}
