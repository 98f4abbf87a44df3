import { type Claim, type ClaimBucket, claimOn, type Header, type Id } from '@guaita/model';
import { LEAP_MOST } from './believable.ts';
import { bucketOf } from './hash.ts';
import { CLAIMS_LIMIT, MonitorRecord } from './record.ts';

/**
 * Monitors that are kept in mind, those too that live no more: five times as many as the largest cluster that the plan
 * is measured for (200). Whoever makes headers up must not make each advance take seconds.
 */
export const KNOWN_LIMIT = 1_000;

/** What a message has changed. */
interface PeerChange {
  /** A header that is newer than all that was known of the monitor. */
  readonly advanced: boolean;
  /** Devices that the monitor claims now, claims no longer, or otherwise than before: in its state or in what it sees. */
  readonly devices: ReadonlySet<Id>;
}

const NOTHING: PeerChange = { advanced: false, devices: new Set() };

/** The records of all other monitors, and who claims each device. */
export class Peers {
  readonly #claimsLimit: number;
  readonly #records = new Map<Id, MonitorRecord>();
  readonly #claimants = new Map<Id, readonly Id[]>();
  /** Up to which incarnation a monitor is forgotten. */
  readonly #forgotten = new Map<Id, number>();
  /** The first for which there was no room. */
  #leftOut: Id | undefined;
  /** The last whose claims found no room. */
  #overfull: Id | undefined;

  /** @param claimsLimit claims that are kept of each monitor */
  constructor(claimsLimit: number = CLAIMS_LIMIT) {
    this.#claimsLimit = claimsLimit;
  }

  /** Joins a header. One that is not newer than what is known, or of a forgotten incarnation, changes nothing. */
  hearHeader(monitor: Id, header: Header): PeerChange {
    if (header.incarnation <= this.#forgottenUpTo(monitor)) return NOTHING;
    const record = this.#record(monitor);
    if (record === undefined) return NOTHING;
    const before = record.header?.incarnation;
    const touched = record.hearHeader(header);
    if (touched === undefined) return NOTHING;
    const devices = new Set<Id>();
    for (const { incarnation, claims } of touched) {
      if (incarnation !== before && incarnation !== header.incarnation) continue;
      for (const device of Object.keys(claims)) {
        devices.add(device);
        this.#index(monitor, device, record.claim(device));
      }
    }
    return { advanced: true, devices };
  }

  /** Joins a bucket of claims, by its incarnation and version. */
  hearBucket(monitor: Id, bucket: number, said: ClaimBucket): PeerChange {
    if (said.incarnation <= this.#forgottenUpTo(monitor)) return NOTHING;
    const record = this.#record(monitor);
    if (record === undefined) return NOTHING;
    const content = ofBucket(bucket, said);
    if (record.sizeWith(bucket, content) > this.#claimsLimit) {
      this.#overfull = monitor;
      return NOTHING;
    }
    const heard = record.hearBucket(bucket, content);
    if (heard === undefined) return NOTHING;
    const incarnation = record.header?.incarnation;
    const before = heard.before?.incarnation === incarnation ? (heard.before?.claims ?? {}) : {};
    const after = content.incarnation === incarnation ? content.claims : {};
    const devices = new Set<Id>();
    for (const device of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (isSameClaim(claimOn(before, device), claimOn(after, device))) continue;
      devices.add(device);
      this.#index(monitor, device, claimOn(after, device));
    }
    return { advanced: false, devices };
  }

  /**
   * Purges what a monitor left, up to an incarnation, and takes no more of it. Gives the devices that it claimed.
   *
   * @param lives it is heard: what is of a later incarnation is no rest of what somebody made up
   */
  forget(monitor: Id, incarnation: number, lives: boolean): ReadonlySet<Id> {
    this.#forgotten.set(monitor, incarnation);
    const known = this.#records.get(monitor)?.header?.incarnation ?? 0;
    // No forgetting reaches so far.
    const isRest = known > LEAP_MOST && !lives;
    return known <= incarnation || isRest ? this.drop(monitor) : NOTHING.devices;
  }

  /** Purges what is known of a monitor: it is heard as a new one. Gives the devices that it claimed. */
  drop(monitor: Id): ReadonlySet<Id> {
    const record = this.#records.get(monitor);
    if (record === undefined) return NOTHING.devices;
    this.#records.delete(monitor);
    this.#leftOut = undefined;
    if (this.#overfull === monitor) this.#overfull = undefined;
    const devices = new Set([...record.claims()].map(([device]) => device));
    for (const device of devices) this.#index(monitor, device, undefined);
    return devices;
  }

  /** What is known of a monitor, complete or not. */
  get(monitor: Id): MonitorRecord | undefined {
    return this.#records.get(monitor);
  }

  /** Every monitor whose header is known, whether it lives or not. */
  *known(): IterableIterator<readonly [Id, MonitorRecord, Header]> {
    for (const [monitor, record] of this.#records)
      if (record.header !== undefined) yield [monitor, record, record.header];
  }

  /** The monitors that claim a device, whether they live or not. */
  claimants(device: Id): readonly Id[] {
    return this.#claimants.get(device) ?? [];
  }

  /** The devices that a monitor claims. */
  claimedBy(monitor: Id): Iterable<readonly [Id, Claim]> {
    return this.#records.get(monitor)?.claims() ?? [];
  }

  /** Why a monitor counts for nothing here, and how it is mended. */
  get problem(): string | undefined {
    if (this.#overfull !== undefined)
      return (
        `"${this.#overfull}" claims more than ${this.#claimsLimit} devices, and what it claims beyond is passed over: ` +
        'find who makes that up, or stop and forget it'
      );
    if (this.#leftOut === undefined) return undefined;
    return (
      `${KNOWN_LIMIT} monitors are known, and "${this.#leftOut}" is passed over with all that come after: ` +
      'forget those that are gone for good, and find who makes them up'
    );
  }

  #record(monitor: Id): MonitorRecord | undefined {
    const known = this.#records.get(monitor);
    if (known !== undefined) return known;
    if (this.#records.size >= KNOWN_LIMIT) {
      this.#leftOut ??= monitor;
      return undefined;
    }
    const record = new MonitorRecord();
    this.#records.set(monitor, record);
    return record;
  }

  #forgottenUpTo(monitor: Id): number {
    return this.#forgotten.get(monitor) ?? 0;
  }

  #index(monitor: Id, device: Id, claim: Claim | undefined): void {
    const others = this.claimants(device).filter((claimant) => claimant !== monitor);
    if (claim !== undefined) others.push(monitor);
    if (others.length === 0) this.#claimants.delete(device);
    else this.#claimants.set(device, others);
  }
}

/** The content of a bucket without claims on devices that belong to another one: nobody finds such. */
export function ofBucket(bucket: number, content: ClaimBucket): ClaimBucket {
  const claims = Object.entries(content.claims);
  const belonging = claims.filter(([device]) => bucketOf(device) === bucket);
  return belonging.length === claims.length ? content : { ...content, claims: Object.fromEntries(belonging) };
}

function isSameClaim(a: Claim | undefined, b: Claim | undefined): boolean {
  return a?.state === b?.state && a?.sees === b?.sees && a?.episode === b?.episode && a?.down_since === b?.down_since;
}
